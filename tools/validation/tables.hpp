/// Tables as text, for a terminal and for a document.
#pragma once

#include "validation.hpp"

#include <string>
#include <vector>

namespace firstbyte::validate {

using Row = std::vector<std::string>;

/// "99.9 %", rounded down, so that 100.0 % is said of all only; "-" of nothing.
[[nodiscard]] std::string percent(std::size_t good, std::size_t of);

/// Columns aligned with blanks; the last one is left as long as it is.
[[nodiscard]] std::string plain_table(const Row& header, const std::vector<Row>& rows);
[[nodiscard]] std::string markdown_table(const Row& header, const std::vector<Row>& rows);

/// Promises.
extern const Row figure_header;
[[nodiscard]] Row figure_row(const Figure& figure);

} // namespace firstbyte::validate
