#include "report/outcome_text.hpp"

#include "core/check.hpp"
#include "report/format.hpp"
#include "report/slice.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

const char* text_of(TfoFallback why) {
    switch (why) {
    case TfoFallback::FirstVisit: return "are a client's first and carry no cookie";
    case TfoFallback::Unsupported: return "come from clients without Fast Open";
    case TfoFallback::Stripped: return "lose the option to a middlebox";
    case TfoFallback::Dropped: return "lose the SYN with data and wait for its timer";
    case TfoFallback::DoesNotFit: return "have a first flight that does not fit the SYN";
    case TfoFallback::KeyMismatch: return "carry a cookie made with another key";
    case TfoFallback::Refused: return "meet a server that does not take SYN data";
    case TfoFallback::count_: break;
    }
    invariant_broken("a fallback is one of the enumerators", "switch", __FILE__, __LINE__);
}

} // namespace

std::string outcome_lines(const RequestResults& requests) {
    const std::uint64_t all = count_requests(requests);
    auto codes = count_by_code(requests);
    for (const char* shown_always : {"200", "520", "522", "524"}) codes.try_emplace(shown_always, 0);

    std::vector<std::string> items;
    const auto put = [&](const std::string& code) {
        const std::uint64_t count = codes.at(code);
        std::string item = code + " " + grouped(count);
        if (count > 0) item += " (" + percent_of(count, all) + ")";
        items.push_back(std::move(item));
        codes.erase(code);
    };
    for (const char* first : {"200", "520", "522", "524"}) put(first);
    while (!codes.empty()) put(codes.begin()->first);
    std::string out = flowed(fmt::format("  requests    {}    ", grouped(all)), items);

    std::map<std::pair<std::string, std::string>, std::uint64_t> causes;
    std::map<std::string, std::string> timers; ///< by cause
    for (const auto& [key, count] : requests.outcomes) {
        const std::string code = code_of(key), cause = firstbyte::name_of(key.cause);
        const bool failed = code != "200" && code != cause; // where both have one name the line above has said it
        if (failed && count > 0) causes[{code, cause}] += count;
        timers[cause] = timer_of(key.cause);
    }
    std::vector<std::string> cause_items;
    for (const auto& [key, count] : causes) {
        const std::string& timer = timers[key.second];
        cause_items.push_back(fmt::format("{} {} {}{}", key.first, key.second, grouped(count),
                                          timer.empty() ? "" : " (timer " + timer + ")"));
    }
    if (!cause_items.empty()) out += flowed("  causes      ", cause_items);
    return out;
}

std::string outcome_change_line(const RequestResults& baseline, const RequestResults& variant) {
    auto before = count_by_code(baseline);
    auto after = count_by_code(variant);
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> codes;
    for (const auto& [code, count] : before) codes[code].first = count;
    for (const auto& [code, count] : after) codes[code].second = count;
    std::erase_if(codes, [](const auto& entry) { return entry.second.first + entry.second.second == 0; });
    const std::string head = "  outcomes    ";
    if (codes.empty()) return head + "no request on either side\n";
    if (codes.size() == 1 && codes.begin()->second.first > 0 && codes.begin()->second.second > 0) {
        return head + codes.begin()->first + " only on both sides\n";
    }
    std::vector<std::string> items;
    for (const auto& [code, counts] : codes) {
        items.push_back(fmt::format("{} {} -> {}", code, grouped(counts.first), grouped(counts.second)));
    }
    return flowed(head, items);
}

std::vector<FallbackReason> fallback_reasons(const ConnectionResults& connections) {
    std::vector<FallbackReason> out;
    for (std::size_t i = 0; i < connections.fallback.size(); ++i) {
        if (connections.fallback[i] == 0) continue;
        const auto why = static_cast<TfoFallback>(i);
        out.push_back({why, ratio_of(connections.fallback[i], connections.opened), text_of(why)});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const FallbackReason& a, const FallbackReason& b) { return a.share > b.share; });
    return out;
}

} // namespace firstbyte::report
