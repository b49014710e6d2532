/// Splitting of the shipped tables: commas between fields, no quotes, one header line.
#pragma once

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte {

/// Hands each field between separators to `use(field)`; an empty text has no field.
template <class Use>
void for_each_field(std::string_view text, char separator, Use use) {
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        use(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

/// Hands each line after the header, split at commas, to `use(fields)`.
/// @throws std::runtime_error  when a line has not as many fields as `columns`
template <class Use>
void for_each_row(std::string_view text, std::size_t columns, std::string_view table, Use use) {
    std::vector<std::string_view> fields;
    std::size_t line_number = 0;
    for_each_field(text, '\n', [&](std::string_view line) {
        if (line_number++ == 0 || line.empty()) return;
        fields.clear();
        for (std::size_t end = line.find(','); end != std::string_view::npos; end = line.find(',')) {
            fields.push_back(line.substr(0, end));
            line.remove_prefix(end + 1);
        }
        fields.push_back(line);
        if (fields.size() != columns)
            throw std::runtime_error(std::string(table) + ", line " + std::to_string(line_number) + ": expected " +
                                     std::to_string(columns) + " fields, found " + std::to_string(fields.size()));
        use(fields);
    });
}

/// The number that `field` spells, whole and exactly.
/// @throws std::runtime_error  when it does not spell one
template <class Number>
Number parse_number(std::string_view field, std::string_view table) {
    Number number{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc{} || end != field.data() + field.size())
        throw std::runtime_error(std::string(table) + ": \"" + std::string(field) + "\" is not a number");
    return number;
}

} // namespace firstbyte
