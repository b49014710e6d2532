#include "run/users_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace firstbyte {
namespace {

struct Field {
    std::string text;
    std::size_t column = 1;
};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// Fields of one line; a quoted one may hold commas, and two quotes for one (RFC 4180 section 2).
/// @returns false when a quote is not closed; lines that go on inside quotes are not read
bool split(std::string_view line, std::vector<Field>& fields) {
    fields.clear();
    for (std::size_t at = 0;; ++at) {
        Field& field = fields.emplace_back();
        field.column = at + 1;
        if (at < line.size() && line[at] == '"') {
            for (++at;; ++at) {
                if (at >= line.size()) return false;
                if (line[at] != '"') {
                    field.text += line[at];
                } else if (at + 1 < line.size() && line[at + 1] == '"') {
                    field.text += line[++at];
                } else {
                    ++at;
                    break;
                }
            }
        }
        while (at < line.size() && line[at] != ',') field.text += line[at++];
        while (!field.text.empty() && field.text.back() == ' ') field.text.pop_back();
        const std::size_t start = std::min(field.text.find_first_not_of(' '), field.text.size());
        field.text.erase(0, start);
        if (at >= line.size()) return true;
    }
}

std::optional<AsNumber> as_number(std::string_view text) {
    if (text.size() > 2 && (text.substr(0, 2) == "AS" || text.substr(0, 2) == "as")) text.remove_prefix(2);
    AsNumber number = 0; // 32 bits (RFC 6793); out of range is an error
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
    return number;
}

std::optional<double> user_count(std::string_view text) {
    double count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr double most = 1e10; // model choice: more than there are people
    if (error != std::errc{} || end != text.data() + text.size() || !(count >= 0) || count > most) return std::nullopt;
    return count;
}

bool is_country(std::string_view text) {
    const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == 2 && std::all_of(text.begin(), text.end(), capital);
}

class Reader {
public:
    explicit Reader(std::vector<UsersFault>& faults) : faults_(faults) {}

    void line(std::string_view text) {
        ++line_;
        if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
        if (text.empty() || text.front() == '#' || wrong_header_) return;
        if (!split(text, fields_)) return fault(text.size() + 1, "the quoted text does not end in this line");
        if (columns_ == 0) return header();
        if (fields_.size() != columns_)
            return fault(text.size() + 1, fmt::format("expected {} fields, found {}: the line is cut short or torn",
                                                      columns_, fields_.size()));
        row();
    }

    std::vector<AsUsers> take() && {
        if (columns_ == 0 && !wrong_header_) fault(1, "the file has no line with the names of its columns");
        return std::move(users_);
    }

private:
    void fault(std::size_t column, std::string message) { faults_.push_back({line_, column, std::move(message)}); }

    void header() {
        columns_ = fields_.size();
        for (std::size_t at = 0; at < fields_.size(); ++at) {
            const std::string name = lower(fields_[at].text);
            if (name == "asn") asn_ = at;
            if (name == "users") users_column_ = at;
            if (name == "cc" || name == "country") country_ = at;
        }
        if (asn_ && users_column_) return;
        wrong_header_ = true; // the lines below would all look wrong
        fault(1, fmt::format("the first line names no column \"{}\": expected asn,users or asn,cc,users",
                             asn_ ? "users" : "asn"));
    }

    void row() {
        const Field &asn = fields_[*asn_], &users = fields_[*users_column_];
        AsUsers row;
        const auto number = as_number(asn.text);
        if (!number) return fault(asn.column, fmt::format("\"{}\" is not an AS number", asn.text));
        const auto count = user_count(users.text);
        if (!count) return fault(users.column, fmt::format("\"{}\" is not a number of users", users.text));
        if (country_ && !fields_[*country_].text.empty()) {
            const Field& country = fields_[*country_];
            if (!is_country(country.text))
                return fault(country.column, fmt::format("\"{}\" is not a country code such as DE", country.text));
            row.country = country.text;
        }
        row.number = *number;
        row.users = *count;
        users_.push_back(std::move(row));
    }

    std::vector<UsersFault>& faults_;
    std::vector<Field> fields_;
    std::vector<AsUsers> users_;
    std::size_t line_ = 0, columns_ = 0;
    std::optional<std::size_t> asn_, users_column_, country_;
    bool wrong_header_ = false;
};

} // namespace

std::vector<AsUsers> parse_users(std::string_view text, std::vector<UsersFault>& faults) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
    Reader reader(faults);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        reader.line(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return std::move(reader).take();
}

} // namespace firstbyte
