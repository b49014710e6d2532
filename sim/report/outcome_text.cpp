#include "report/outcome_text.hpp"

#include "core/check.hpp"
#include "report/format.hpp"
#include "report/slice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
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

bool failures_differ(const Failures& before, const Failures& after) {
    constexpr double plain = 0.05, least = 0.001;
    const double step = std::fabs(ratio_of(after.failed, after.all) - ratio_of(before.failed, before.all));
    const double counts = std::fabs(static_cast<double>(after.failed) - static_cast<double>(before.failed));
    const bool sure = counts > 3 * std::sqrt(static_cast<double>(before.failed + after.failed));
    return step >= plain || (sure && step >= least);
}

} // namespace

bool fails_more(const Failures& before, const Failures& after) {
    return failures_differ(before, after) && ratio_of(after.failed, after.all) > ratio_of(before.failed, before.all);
}

std::string failures_words(const Failures& before, const Failures& after) {
    if (!failures_differ(before, after)) return "";
    return fmt::format("{} {} of its requests do not end with 200, against {}",
                       fails_more(before, after) ? "but" : "and", percent_of(after.failed, after.all),
                       percent_of(before.failed, before.all));
}

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
    return flowed(fmt::format("  requests    {}    ", grouped(all)), items);
}

std::string outcome_table(const Results& results, const RequestResults& requests) {
    using Row = std::array<std::string, 7>; // code, cause, timer, leg, count, share, first
    struct Sum {
        std::uint64_t count = 0;
        std::optional<Example> first;
    };
    const std::map<OutcomeKey, Example> examples = first_examples(results);
    std::map<std::array<std::string, 4>, Sum> sums;
    for (const auto& [key, count] : requests.outcomes) {
        const std::string code = code_of(key);
        if (code == "200" || count == 0) continue;
        Sum& sum = sums[{code, firstbyte::name_of(key.cause), timer_of(key.cause), leg_of(key)}];
        sum.count += count;
        const auto example = examples.find(key);
        if (example == examples.end()) continue;
        const auto when = [](const Example& e) { return std::pair(e.replication, e.at); };
        if (!sum.first || when(example->second) < when(*sum.first)) sum.first = example->second;
    }
    if (sums.empty()) return {};

    std::vector<Row> rows{{"outcome", "cause", "timer", "leg", "count", "share", "first"}};
    const std::uint64_t all = count_requests(requests);
    for (const auto& [labels, sum] : sums) {
        std::string first;
        if (sum.first) {
            first = fmt::format("{} --conn {}", results.groups.at(sum.first->group).client, sum.first->session);
            if (sum.first->replication != 0) first += fmt::format(", replication {}", sum.first->replication);
        }
        const auto dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
        rows.push_back({labels[0], labels[1], dash(labels[2]), dash(labels[3]), grouped(sum.count),
                        percent_of(sum.count, all), first});
    }
    std::array<std::size_t, 6> widths{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], shown_width(row[i]));
    std::string out = "\n";
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            constexpr std::size_t first_number = 4;
            line += "  " + (i < first_number ? pad_right(row[i], widths[i]) : pad_left(row[i], widths[i]));
        }
        // What does not fit the line stands below it.
        const bool fits = shown_width(line) + 2 + shown_width(row.back()) <= text_width;
        out += line + (row.back().empty() ? "" : (fits ? "  " : "\n      first: ") + row.back()) + "\n";
    }
    return out;
}

std::string outcome_change_line(const std::map<std::string, std::uint64_t>& before,
                                const std::map<std::string, std::uint64_t>& after) {
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
