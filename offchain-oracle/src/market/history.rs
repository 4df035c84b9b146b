use super::table::Table;
use crate::error::{InputError, Place, Problem};
use crate::files::Source;
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};

/// Fewest days of history the model accepts: a year, the shortest lookback that EMIR RTS 153/2013 article 25 allows.
pub const MIN_HISTORY: usize = 366;

/// The closes of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyClose {
    /// The midnight that opens the day.
    pub day: Timestamp,
    /// Bitcoin's last price of the day.
    pub btc: Price,
    /// Solana's last price of the day.
    pub sol: Price,
}

/// Daily closes without gaps, at least [`MIN_HISTORY`] of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    name: String,
    days: Vec<DailyClose>,
}

impl History {
    /// Reads `date,btc_close,sol_close`.
    ///
    /// # Errors
    /// Anything that is not that: see [`crate::error::Problem`].
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, MIN_HISTORY)?;
        table.expect_header(&["date", "btc_close", "sol_close"])?;
        let mut days: Vec<DailyClose> = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let day = row.date(0, "date")?;
            row.expect_step(days.last().map(|close| close.day), day, Seconds::DAY)?;
            days.push(DailyClose { day, btc: row.price(1, "btc_close")?, sol: row.price(2, "sol_close")? });
        }
        Ok(Self { name: source.name.clone(), days })
    }

    /// The file's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The days before `split`, and the days from the last of those on, so that the first return of the second part is the
    /// split day's.
    ///
    /// # Errors
    /// Fewer than [`MIN_HISTORY`] days before the split, or fewer than `needed` from it on.
    pub fn split(&self, split: Timestamp, needed: usize) -> Result<(Self, &[DailyClose]), InputError> {
        let at = self.days.partition_point(|close| close.day < split);
        let (before, after) = self.days.split_at_checked(at).unwrap_or((&self.days, &[]));
        for (found, needed) in [(before.len(), MIN_HISTORY), (after.len(), needed)] {
            if found < needed {
                return Err(InputError::new(&self.name, Place::File, Problem::TooFewRows { found, needed }));
            }
        }
        let known = Self { name: self.name.clone(), days: before.to_vec() };
        Ok((known, self.days.get(at.saturating_sub(1)..).unwrap_or_default()))
    }

    /// The days, oldest first.
    pub fn as_slice(&self) -> &[DailyClose] {
        &self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_broken_history_is_refused() {
        let head = "date,btc_close,sol_close\n2020-01-01,1,1\n";
        let parse = |text: &str| History::parse(&Source::new("h.csv", text)).unwrap_err().to_string();
        assert!(parse(head).contains("1 data rows, at least 366 needed"));
        let mut rows = String::from(head);
        for _ in 0..366 {
            rows.push_str("2020-01-03,1,1\n");
        }
        assert!(parse(&rows).starts_with("h.csv: row 3: gap"));
        assert!(parse(&rows.replace("btc_close", "btc")).starts_with("h.csv: row 1: header is"));
    }
}
