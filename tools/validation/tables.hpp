/// Tables of text, for a terminal and for documents.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::validate {

using Row = std::vector<std::string>;

/// Columns aligned with blanks; the last one is left as long as it is.
[[nodiscard]] std::string plain_table(const Row& header, const std::vector<Row>& rows);

[[nodiscard]] std::string markdown_table(const Row& header, const std::vector<Row>& rows);

} // namespace firstbyte::validate
