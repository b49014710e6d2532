#include "bgp/caida.hpp"

#include "core/data_files.hpp"

#include <algorithm>
#include <charconv>

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

} // namespace

AsLinks parse_as_relationships(std::string_view text, std::vector<LineFault>& faults) {
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
        } else if (!take_number(at, end, left) || !take_number(at, end, right)) {
            const std::string_view shown(start, std::min(characters_shown, static_cast<std::size_t>(end - start)));
            faults.push_back({line_number, "expected two AS numbers of 32 bits, as in \"3356|64501|-1\", found \"" +
                                               std::string(shown) + "\""});
        } else {
            const char* const relation_end = std::find(at, end, '|');
            const std::string_view relation(at, static_cast<std::size_t>(relation_end - at));
            if (relation == "-1") {
                links.provider_customer.emplace_back(left, right);
            } else if (relation == "0") {
                links.peers.emplace_back(left, right);
            } else {
                faults.push_back(
                    {line_number, "expected the relationship -1 (provider to customer) or 0 (peers), found \"" +
                                      std::string(relation.substr(0, characters_shown)) + "\""});
            }
        }
        start = line_end == text_end ? text_end : line_end + 1;
    }
    return links;
}

AsLinks read_as_relationships(const std::string& path, std::vector<LineFault>& faults) {
    return parse_as_relationships(read_text_file(path), faults);
}

} // namespace firstbyte::bgp
