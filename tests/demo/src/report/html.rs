//! The little HTML that the report needs: escaping, tables, hashes.

use crate::format::short;

/// Text as it may stand in an element or in a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A hash or an address by its ends, in full on hovering.
pub(super) fn hash(full: &str) -> String {
    format!("<code title=\"{}\">{}</code>", escape(full), escape(&short(full)))
}

/// A section with its heading; `body` is HTML.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!("<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n", escape(heading))
}

/// A table that grows row by row and scrolls by itself where the page is narrow.
#[derive(Debug)]
pub(super) struct Table {
    head: String,
    rows: String,
    aligned: Vec<&'static str>,
}

impl Table {
    /// Headings; one that starts with `>` is of a column of numbers, aligned to the right.
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut table = Self { head: String::new(), rows: String::new(), aligned: Vec::new() };
        for heading in headings {
            let (text, class) = match heading.strip_prefix('>') {
                Some(text) => (text, " class=\"n\""),
                None => (*heading, ""),
            };
            table.head.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(text)));
            table.aligned.push(class);
        }
        table
    }

    /// A row of plain text.
    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> &mut Self {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell.as_ref())).collect();
        self.row_html(&cells)
    }

    /// A row whose cells are HTML already.
    pub(super) fn row_html(&mut self, cells: &[String]) -> &mut Self {
        self.rows.push_str("<tr>");
        for (index, cell) in cells.iter().enumerate() {
            let class = self.aligned.get(index).copied().unwrap_or_default();
            self.rows.push_str(&format!("<td{class}>{cell}</td>"));
        }
        self.rows.push_str("</tr>\n");
        self
    }

    /// The table, or `otherwise` as a sentence if it has no rows.
    pub(super) fn or(&self, otherwise: &str) -> String {
        if self.rows.is_empty() {
            return format!("<p class=\"none\">{}</p>\n", escape(otherwise));
        }
        format!(
            "<div class=\"scroll\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
            self.head, self.rows
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
        assert_eq!(escape("Ostler & Wynne"), "Ostler &amp; Wynne");
        let table = Table::new(&["<i>"]).row(&["<script>"]).or("-");
        assert!(table.contains("&lt;i&gt;") && table.contains("&lt;script&gt;") && !table.contains("<script>"));
        assert!(hash("0x\"onmouseover=alert(1)").contains("&quot;onmouseover"));
    }

    #[test]
    fn a_table_without_rows_is_a_sentence() {
        assert_eq!(Table::new(&["a"]).or("Nobody's."), "<p class=\"none\">Nobody&#39;s.</p>\n");
    }

    #[test]
    fn numbers_stand_on_the_right() {
        let table = Table::new(&["name", ">sum"]).row(&["a", "1"]).or("-");
        assert!(table.contains("<th scope=\"col\" class=\"n\">sum</th>"));
        assert!(table.contains("<td>a</td><td class=\"n\">1</td>"));
    }
}
