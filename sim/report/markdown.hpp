/// Pieces of GitHub-flavoured Markdown, safe for names that come from a scenario.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::report {

/// Text that shows as it is written: markup, HTML, table bars and mentions are escaped, line ends become spaces, and
/// what is longer than a table can bear is cut.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// The same as code: in backticks, or in <code> where the text has a backtick or a bar.
[[nodiscard]] std::string markdown_code(std::string_view text);
/// Text of a label in a Mermaid diagram.
[[nodiscard]] std::string mermaid_text(std::string_view text);
/// A part that is folded until somebody opens it.
[[nodiscard]] std::string markdown_details(std::string_view summary, std::string_view body);

class MarkdownTable {
public:
    /// @param headings  Markdown already
    /// @param align     one letter a column: l or r
    MarkdownTable(std::vector<std::string> headings, std::string align);
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// @param most  rows; the number of those left out is said below
    [[nodiscard]] std::string text(std::size_t most) const;

private:
    std::vector<std::string> headings_;
    std::string align_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace firstbyte::report
