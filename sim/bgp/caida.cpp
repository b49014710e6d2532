#include "bgp/caida.hpp"

#include "core/data_files.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace firstbyte::bgp {
namespace {

constexpr std::size_t characters_shown = 60; // model choice: enough of a faulty line to recognise it

/// Reads an AS number and the '|' after it, and moves `at` behind them.
bool take_number(const char*& at, const char* end, AsNumber& number) {
    const auto [after, error] = std::from_chars(at, end, number); // 32 bits (RFC 6793); out of range is an error
    if (error != std::errc{} || after == end || *after != '|') return false;
    at = after + 1;
    return true;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, characters_shown)) + "\""; }

/// What is wrong with a line that is no relationship; for people, so the time it takes does not matter.
std::string fault_of(std::string_view line, bool ends_the_text) {
    std::vector<std::string_view> fields;
    for (std::size_t start = 0; start != std::string_view::npos;) {
        const std::size_t bar = line.find('|', start);
        fields.push_back(line.substr(start, bar - start));
        start = bar == std::string_view::npos ? bar : bar + 1;
    }
    const std::string hint = ends_the_text ? "; the file may be cut short here" : "";
    if (fields.size() < 3 || fields.size() > 4)
        return "expected 3 fields (serial-1) or 4 (serial-2) between '|', as in \"3356|64501|-1\", found " +
               std::to_string(fields.size()) + " in " + quoted(line) + hint;
    for (const std::string_view field : {fields[0], fields[1]}) {
        const bool digits = !field.empty() && field.find_first_not_of("0123456789") == std::string_view::npos;
        if (!digits) return "expected an AS number, found " + quoted(field) + " in " + quoted(line);
        AsNumber number = 0;
        if (std::from_chars(field.data(), field.data() + field.size(), number).ec != std::errc{})
            return "an AS number has 32 bits and is at most 4294967295 (RFC 6793), found " + quoted(field);
    }
    return "expected the relationship -1 (provider to customer) or 0 (peers), found " + quoted(fields[2]) + hint;
}

} // namespace

AsLinks parse_as_relationships(std::string_view text, std::vector<LineFault>& faults) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3); // byte order mark of UTF-8
    AsLinks links;
    std::size_t line_number = 0;
    const char* const text_end = text.data() + text.size();
    for (const char* start = text.data(); start != text_end;) {
        const char* const line_end = std::find(start, text_end, '\n');
        const char* end = line_end;
        if (end != start && end[-1] == '\r') --end;
        ++line_number;
        const char* at = start;
        AsNumber left = 0, right = 0;
        if (at == end || *at == '#') {
            // Nothing to read.
        } else {
            std::string_view relation;
            if (take_number(at, end, left) && take_number(at, end, right)) {
                const char* const relation_end = std::find(at, end, '|');
                if (relation_end == end || std::find(relation_end + 1, end, '|') == end)
                    relation = {at, static_cast<std::size_t>(relation_end - at)};
            }
            if (relation == "-1") {
                links.provider_customer.emplace_back(left, right);
            } else if (relation == "0") {
                links.peers.emplace_back(left, right);
            } else {
                faults.push_back(
                    {line_number, fault_of({start, static_cast<std::size_t>(end - start)}, line_end == text_end)});
            }
        }
        start = line_end == text_end ? text_end : line_end + 1;
    }
    return links;
}

AsLinks read_as_relationships(const std::string& path, std::vector<LineFault>& faults) {
    const std::string text = read_text_file(path);
    if (text.empty()) throw std::runtime_error("the file \"" + path + "\" is empty");
    const std::size_t faults_before = faults.size();
    AsLinks links = parse_as_relationships(text, faults);
    if (links.provider_customer.empty() && links.peers.empty() && faults.size() == faults_before)
        throw std::runtime_error("the file \"" + path + "\" has comments and empty lines only, no relationship");
    return links;
}

} // namespace firstbyte::bgp
