// QuantLib's blackFormula over every option and scenario. Reads the market from standard input, prints nanoseconds per
// revaluation and each scenario's portfolio value.
#include <chrono>
#include <cstdio>
#include <ql/pricingengines/blackformula.hpp>
#include <vector>

struct Leg {
    int call;
    double forward, strike, deviation, weight;
};

int main() {
    size_t legs, scenarios, rounds;
    if (scanf("%zu %zu %zu", &legs, &scenarios, &rounds) != 3) return 2;
    std::vector<Leg> book(legs);
    for (auto &leg : book)
        if (scanf("%d %lf %lf %lf %lf", &leg.call, &leg.forward, &leg.strike, &leg.deviation, &leg.weight) != 5) return 2;
    std::vector<double> growth(scenarios), stretch(scenarios), values(scenarios);
    for (size_t i = 0; i < scenarios; i++)
        if (scanf("%lf %lf", &growth[i], &stretch[i]) != 2) return 2;

    double best = 1e300;
    for (size_t round = 0; round < rounds; round++) {
        auto start = std::chrono::steady_clock::now();
        for (auto &value : values) value = 0;
        for (auto &leg : book) {
            auto type = leg.call ? QuantLib::Option::Call : QuantLib::Option::Put;
            for (size_t i = 0; i < scenarios; i++)
                values[i] += leg.weight * QuantLib::blackFormula(type, leg.strike, leg.forward * growth[i],
                                                                 leg.deviation * stretch[i]);
        }
        std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        best = std::min(best, spent.count() / double(legs * scenarios));
    }
    printf("%.17g\n", best);
    for (double value : values) printf("%.17g\n", value);
    return 0;
}
