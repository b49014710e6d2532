// Where the round trips went that Fast Open could have saved.
#include "core/check.hpp"
#include "report/compare_text.hpp"
#include "report/format.hpp"
#include "report/outcome_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace firstbyte::report {
namespace {

const char* row_name(TfoFallback why) {
    switch (why) {
    case TfoFallback::FirstVisit: return "first visit";
    case TfoFallback::Unsupported: return "not supported, or paused";
    case TfoFallback::Stripped: return "stripped by a middlebox";
    case TfoFallback::Dropped: return "SYN with data dropped";
    case TfoFallback::DoesNotFit: return "does not fit the SYN";
    case TfoFallback::KeyMismatch: return "stale key";
    case TfoFallback::Refused: return "not taken: queue or middlebox";
    case TfoFallback::count_: break;
    }
    invariant_broken("a fallback is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::uint64_t fallen_back(const ConnectionResults& connections, TfoFallback why) {
    return connections.fallback[static_cast<std::size_t>(why)];
}

/// What one hit saves before the cost of the drops is taken off, ns. The mean that the two sides differ by is the net
/// of both.
std::optional<double> gross_saving(const Pair& pair) {
    const auto net = saved_per_hit(pair);
    if (!net) return std::nullopt;
    const ConnectionResults& after = pair.after.connections;
    const auto hits =
        static_cast<double>(after.syn_data_accepted) - static_cast<double>(pair.before.connections.syn_data_accepted);
    return *net + after.tfo_penalty.mean() * static_cast<double>(after.tfo_penalty.count()) / hits;
}

/// "break-even: ...": the share p of attempts that may be lost with (1 - p) saving = p cost.
std::string break_even_line(const Pair& pair) {
    const ConnectionResults& after = pair.after.connections;
    const auto saving = gross_saving(pair);
    if (after.tfo_penalty.empty() || !saving || *saving <= 0) return {};
    const double cost = after.tfo_penalty.mean(), even = *saving / (*saving + cost);
    const std::uint64_t drops = fallen_back(after, TfoFallback::Dropped);
    const double here = ratio_of(drops, drops + after.syn_data_accepted);
    return "    " +
           wrapped(fmt::format("break-even: a hit saves {}, a drop costs {}, so that Fast Open pays while less "
                               "than {} of the SYNs with data are dropped; here {} are.",
                               milliseconds(*saving), milliseconds(cost), percent(even), percent(here)),
                   4, 4) +
           "\n";
}

} // namespace

std::string savings_text(const Pair& pair) {
    const ConnectionResults& after = pair.after.connections;
    const auto reasons = fallback_reasons(after);
    if (std::all_of(reasons.begin(), reasons.end(),
                    [](const FallbackReason& reason) { return reason.why == TfoFallback::FirstVisit; }))
        return {};
    std::vector<std::vector<std::string>> rows;
    // Data that were taken though more did not fit have saved nothing: they are counted below.
    const std::uint64_t hits = after.syn_data_accepted - fallen_back(after, TfoFallback::DoesNotFit);
    rows.push_back({"hit: one round trip saved", grouped(hits), percent_of(hits, after.opened), ""});
    for (const FallbackReason& reason : reasons) {
        const std::uint64_t count = fallen_back(after, reason.why);
        const bool costs = reason.why == TfoFallback::Dropped && !after.tfo_penalty.empty();
        rows.push_back({row_name(reason.why), grouped(count), percent_of(count, after.opened),
                        costs ? milliseconds(after.tfo_penalty.mean()) + " later each" : ""});
    }
    const std::vector<Column> columns{{"where the savings went", 2, 0, true, 30},
                                      {"connections", 2, 0, false, 0},
                                      {"share", 4, 0, false, 0},
                                      {"", 3, 0, true, 0}};
    for (auto& row : rows) row.front() = "  " + row.front();
    return "\n" + table(columns, rows) + break_even_line(pair);
}

} // namespace firstbyte::report
