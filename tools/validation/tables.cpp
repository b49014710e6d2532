#include "tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte::validate {

std::string plain_table(const Row& header, const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(header.size());
    const auto measure = [&widths](const Row& row) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    };
    measure(header);
    for (const Row& row : rows) measure(row);
    std::string text;
    const auto print = [&](const Row& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    print(header);
    for (const Row& row : rows) print(row);
    return text;
}

std::string markdown_table(const Row& header, const std::vector<Row>& rows) {
    const auto line = [](const Row& row) {
        std::string text = "|";
        for (std::string cell : row) {
            for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, "\\");
            text += " " + cell + " |";
        }
        return text + "\n";
    };
    std::string text = line(header) + "|";
    for (std::size_t i = 0; i < header.size(); ++i) text += " --- |";
    text += "\n";
    for (const Row& row : rows) text += line(row);
    return text;
}

} // namespace firstbyte::validate
