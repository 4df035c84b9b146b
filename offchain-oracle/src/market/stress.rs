use super::table::Table;
use crate::error::{InputError, Problem};
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Rate;
use ringfence_protocol::units::Timestamp;

/// A named day or move: what each coin's price did, as a share of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The first moment at which it was history. Before that the model does not know it: no hindsight.
    pub known_from: Timestamp,
    /// Simple return of each coin; -0.4 is a fall by 40 %.
    pub returns: BySymbol<Rate>,
}

/// The stress scenarios, in file order, with unique names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenarios {
    scenarios: Vec<Scenario>,
}

impl Scenarios {
    /// Most scenarios of one table.
    pub const MAX: usize = 1_000;

    /// Reads `name,known_from,btc,eth,sol,xrp`.
    ///
    /// # Errors
    /// Anything that is not that, a fall of 100 % or more, a name empty or given twice.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        table.expect_header(&["name", "known_from", "btc", "eth", "sol", "xrp"])?;
        let mut scenarios: Vec<Scenario> = Vec::new();
        for row in &table.rows {
            let name = row.cell(0);
            if name.is_empty() || name.len() > 80 || name.chars().any(char::is_control) {
                let rule = "must be 1 to 80 plain characters";
                return Err(row.error(Problem::Rule { name: "name".to_owned(), rule }));
            }
            if scenarios.iter().any(|known| known.name == name) {
                return Err(row.error(Problem::Duplicate(name.to_owned())));
            }
            if scenarios.len() >= Self::MAX {
                return Err(row.error(Problem::TooMany { what: "scenarios", limit: Self::MAX }));
            }
            let known_from = row.time(1, "known_from")?;
            let returns = BySymbol::try_from_fn(|symbol| {
                let (column, name) = match symbol {
                    Symbol::Btc => (2, "btc"),
                    Symbol::Eth => (3, "eth"),
                    Symbol::Sol => (4, "sol"),
                    Symbol::Xrp => (5, "xrp"),
                };
                let value = row.number(column, name, Rate::parse)?;
                if value.get() <= Rate::ONE.get().saturating_neg() {
                    let rule = "must be above -1: no price falls by all it has";
                    return Err(row.error(Problem::Rule { name: name.to_owned(), rule }));
                }
                Ok(value)
            })?;
            scenarios.push(Scenario { name: name.to_owned(), known_from, returns });
        }
        Ok(Self { scenarios })
    }

    /// All scenarios, known or not yet.
    pub fn as_slice(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// Those that were history at `moment`.
    pub fn known_at(&self, moment: Timestamp) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(move |scenario| scenario.known_from <= moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scenario_is_known_before_it_happened() {
        let text = "name,known_from,btc,eth,sol,xrp\na,1970-01-01T00:05Z,-0.1,0,0,0\n";
        let scenarios = Scenarios::parse(&Source::new("s.csv", text)).unwrap();
        assert_eq!(scenarios.known_at(Timestamp::new(299)).count(), 0);
        assert_eq!(scenarios.known_at(Timestamp::new(300)).count(), 1);
    }

    #[test]
    fn impossible_falls_and_twins_are_refused() {
        let head = "name,known_from,btc,eth,sol,xrp\na,1970-01-01T00:05Z,-0.1,0,0,0\n";
        let parse =
            |row: &str| Scenarios::parse(&Source::new("s.csv", format!("{head}{row}\n"))).unwrap_err().to_string();
        assert!(parse("b,1970-01-01T00:05Z,-1,0,0,0").contains("row 3: btc must be above -1"));
        assert!(parse("a,1970-01-01T00:05Z,0,0,0,0").contains("row 3: a appears twice"));
        assert!(parse(",1970-01-01T00:05Z,0,0,0,0").contains("row 3: name must be"));
    }
}
