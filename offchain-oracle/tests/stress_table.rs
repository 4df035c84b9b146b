//! Every figure of `data/stress.csv` again, from the files its derivation names.

mod common;

use ringfence_oracle::files::Source;
use ringfence_oracle::market::{Bars, History, Proxies, Scenarios};
use ringfence_oracle::model::regress;
use ringfence_oracle::symbol::Symbol;

fn read(name: &str) -> Source {
    Source::read(&common::data_dir().join(name)).unwrap()
}

#[test]
fn stress_figures_follow_from_the_committed_data() {
    let history = History::parse(&read("btc-sol-daily.csv")).unwrap();
    let proxies = Proxies::parse(&read("proxy.csv")).unwrap();
    let bars = Bars::parse(&read("crash-2025-10-10.csv")).unwrap();
    let days = history.as_slice();
    let log = |price: fn(&ringfence_oracle::market::DailyClose) -> u64| -> Vec<f64> {
        days.windows(2).map(|d| (price(&d[1]) as f64 / price(&d[0]) as f64).ln()).collect()
    };
    let (btc, sol) = (log(|day| day.btc.get()), log(|day| day.sol.get()));
    let fit = regress(&btc, &sol).unwrap();
    let share = |ppm: u32| f64::from(ppm) / 1e6;
    let coins = |btc: f64, sol: f64, e: f64| {
        let proxy = |p: ringfence_oracle::market::Proxy| share(p.beta_ppm) * btc + share(p.kappa_ppm) * e;
        [btc, proxy(proxies.eth), sol, proxy(proxies.xrp)].map(f64::exp_m1)
    };

    let scenarios = Scenarios::parse(&read("stress.csv")).unwrap();
    assert_eq!(scenarios.as_slice().len(), 7);
    for scenario in scenarios.as_slice() {
        let day = &scenario.name[..10];
        let moment = ringfence_oracle::time::parse_date(day).unwrap();
        assert_eq!(scenario.known_from.get(), moment.get() + 86_400, "known when the day is over");
        let expected = match day {
            "2020-03-12" => {
                let text = read("btc-daily.csv").text;
                let close = |day: &str| -> f64 {
                    let line = text.lines().find(|line| line.starts_with(day)).unwrap();
                    line.split(',').nth(1).unwrap().parse().unwrap()
                };
                let r = (close("2020-03-12") / close("2020-03-11")).ln();
                coins(r, fit.beta * r, 0.0)
            }
            "2025-10-10" => Symbol::ALL.map(|symbol| {
                let quotes = || bars.as_slice().iter().map(|bar| bar.quotes[symbol].unwrap());
                let low = quotes().map(|quote| quote.low.get()).min().unwrap();
                low as f64 / quotes().next().unwrap().close.get() as f64 - 1.0
            }),
            _ => {
                let index = days.iter().position(|close| close.day == moment).unwrap() - 1;
                coins(btc[index], sol[index], fit.residuals[index])
            }
        };
        for (symbol, expected) in Symbol::ALL.into_iter().zip(expected) {
            let stated = scenario.returns[symbol].get() as f64 / 1e8;
            assert!((stated - expected).abs() <= 0.000_051, "{} {symbol}: {stated} {expected}", scenario.name);
        }
    }
}
