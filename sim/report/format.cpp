#include "report/format.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// Groups the digits before the decimal point.
std::string group_digits(std::string_view number) {
    const std::size_t point = std::min(number.find('.'), number.size());
    std::string out;
    for (std::size_t i = 0; i < number.size(); ++i) {
        const bool digit_before = i > 0 && number[i - 1] != '-' && number[i - 1] != '+';
        if (i < point && digit_before && (point - i) % 3 == 0) out += ' ';
        out += number[i];
    }
    return out;
}

/// "1.500" to "1.5", "60.000" to "60".
std::string without_trailing_zeros(std::string number) {
    if (number.find('.') == std::string::npos) return number;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
    return number;
}

bool is_zero(std::string_view number) { return number.find_first_of("123456789") == std::string_view::npos; }

} // namespace

std::string grouped(std::uint64_t count) { return group_digits(std::to_string(count)); }

std::string grouped_fixed(double value, int decimals, bool sign) {
    std::string number = fmt::format("{:.{}f}", value, decimals);
    if (is_zero(number)) {
        if (number.front() == '-') number.erase(0, 1);
    } else if (sign && value > 0) {
        number.insert(0, "+");
    }
    return group_digits(number);
}

int millisecond_decimals(double ns) {
    const double magnitude = std::fabs(ns);
    return magnitude > 0 && magnitude < 1e6 ? 3 : 1;
}

std::string milliseconds_number(double ns, int decimals, bool sign) { return grouped_fixed(ns / 1e6, decimals, sign); }

std::string milliseconds(double ns) { return milliseconds_number(ns, millisecond_decimals(ns)) + " ms"; }

std::string duration_text(Duration duration) {
    const auto ns = static_cast<double>(duration.count());
    struct Unit {
        double ns;
        const char* name;
    };
    for (const Unit& unit : {Unit{1e9, "s"}, Unit{1e6, "ms"}, Unit{1e3, "us"}}) {
        const double value = ns / unit.ns;
        if (std::fabs(value) < 1) continue;
        const int digits_before_point = 1 + static_cast<int>(std::log10(std::fabs(value)));
        const int decimals = std::max(3, 6 - digits_before_point);
        return without_trailing_zeros(grouped_fixed(value, decimals)) + " " + unit.name;
    }
    return ns == 0 ? "0 s" : grouped_fixed(ns, 0) + " ns";
}

std::string percent(double share, bool sign) {
    const double value = share * 100;
    const double magnitude = std::fabs(value);
    if (magnitude == 0) return "0 %";
    if (magnitude == 100) return grouped_fixed(value, 0, sign) + " %";
    int decimals = magnitude >= 10 ? 1 : 2;
    constexpr int decimals_max = 6; // model choice: shares below one in 10^8 are shown as 0.000000 %
    // A share that is not all must not read as all, nor one that is not nothing as nothing.
    while (decimals < decimals_max) {
        const std::string text = fmt::format("{:.{}f}", magnitude, decimals);
        const bool reads_as_all = magnitude < 100 && text.starts_with("100");
        if (!is_zero(text) && !reads_as_all) break;
        ++decimals;
    }
    return grouped_fixed(value, decimals, sign) + " %";
}

double ratio_of(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent_of(std::uint64_t part, std::uint64_t whole) { return percent(ratio_of(part, whole)); }

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string quantile_name(double q) { return fmt::format("p{:.6g}", q * 100); }

std::size_t shown_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string pad_right(std::string_view text, std::size_t width) {
    const std::size_t shown = shown_width(text);
    return std::string(text) + std::string(width > shown ? width - shown : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
    const std::size_t shown = shown_width(text);
    return std::string(width > shown ? width - shown : 0, ' ') + std::string(text);
}

std::string centred(std::string_view text, std::size_t width) {
    const std::size_t shown = shown_width(text);
    const std::size_t before = width > shown ? (width - shown) / 2 : 0;
    return pad_right(std::string(before, ' ') + std::string(text), width);
}

std::string without_trailing_spaces(std::string text) {
    const std::size_t last = text.find_last_not_of(' ');
    text.erase(last == std::string::npos ? 0 : last + 1);
    return text;
}

std::string flowed(const std::string& head, const std::vector<std::string>& items) {
    std::string out;
    std::string line = head;
    const std::size_t start = shown_width(head);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool first_in_line = shown_width(line) == start;
        const std::string joined = line + (first_in_line ? "" : "   ") + items[i];
        if (!first_in_line && shown_width(joined) > text_width) {
            out += line + "\n";
            line = std::string(start, ' ') + items[i];
        } else {
            line = joined;
        }
    }
    return out + without_trailing_spaces(line) + "\n";
}

std::string wrapped(std::string_view text, std::size_t first_column, std::size_t indent) {
    std::string out;
    std::size_t column = first_column;
    bool first_in_line = true;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        const std::size_t width = shown_width(word);
        if (!first_in_line && column + 1 + width > text_width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
            first_in_line = true;
        }
        if (!first_in_line) {
            out += ' ';
            ++column;
        }
        out += word;
        column += width;
        first_in_line = false;
    }
    return out;
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                  bool with_heading) {
    std::vector<std::size_t> widths;
    for (const Column& column : columns) widths.push_back(std::max(column.min_width, shown_width(column.heading)));

    std::vector<std::vector<std::string>> cells = rows;
    for (auto& row : cells) {
        FB_ASSERT(row.size() == columns.size(), "a row has one cell for each column");
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::size_t free_width = std::max(columns[c].min_width, shown_width(columns[c].heading));
            if (!columns[c].left && shown_width(row[c]) + columns[c].inset <= free_width) {
                row[c] += std::string(columns[c].inset, ' ');
            }
            widths[c] = std::max(widths[c], shown_width(row[c]));
        }
    }
    std::string out;
    const auto put = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            line += std::string(columns[c].gap, ' ');
            line += columns[c].left ? pad_right(row[c], widths[c]) : pad_left(row[c], widths[c]);
        }
        out += without_trailing_spaces(line) + "\n";
    };
    if (with_heading) {
        std::vector<std::string> headings;
        for (const Column& column : columns) headings.push_back(column.heading);
        put(headings);
    }
    for (const auto& row : cells) put(row);
    return out;
}

} // namespace firstbyte::report
