/// Pieces of HTML, safe for names that come from a scenario.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::report {

/// Text as it is written: markup characters become references, control characters spaces.
[[nodiscard]] std::string html_text(std::string_view text);
/// The same as a sentence: no line breaks within a number, nor between it and its unit.
[[nodiscard]] std::string html_sentence(std::string_view text);
/// The same as code.
[[nodiscard]] std::string html_code(std::string_view text);
/// A word that a link can lead to: letters, digits and hyphens.
[[nodiscard]] std::string html_id(std::string_view text);
/// JSON for a script element: `<` and what else could end or change it are escaped inside its strings.
[[nodiscard]] std::string json_for_script(std::string_view json);
/// A part that is folded until somebody opens it.
[[nodiscard]] std::string html_details(std::string_view summary, const std::string& body);

/// A judgement as symbol and word. @param kind  "good", "bad", "warn" or "none"
[[nodiscard]] std::string html_badge(const std::string& kind, const std::string& word);

/// One cell of a table.
struct HtmlCell {
    std::string html;
    std::optional<double> order; ///< what the column is sorted by; absent: its text
};
[[nodiscard]] HtmlCell text_cell(std::string_view text);
[[nodiscard]] HtmlCell count_cell(std::uint64_t count);
[[nodiscard]] HtmlCell time_cell(double ns);     ///< "241.0 ms"
[[nodiscard]] HtmlCell share_cell(double share); ///< of 0..1

class HtmlTable {
public:
    /// @param name      what it holds, for those who do not see it and for the name of its CSV file
    /// @param align     one letter a column: l or r
    HtmlTable(std::string name, std::vector<std::string> headings, std::string align);
    void add(std::vector<HtmlCell> cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] std::string text() const;

private:
    std::string name_;
    std::vector<std::string> headings_;
    std::string align_;
    std::vector<std::vector<HtmlCell>> rows_;
};

} // namespace firstbyte::report
