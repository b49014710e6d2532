#include "report/change_json.hpp"

#include "report/metrics_json.hpp"

#include <cmath>
#include <utility>

namespace firstbyte::report {
namespace {

/// Ratios keep six decimals: enough for a part per million, and short to read.
double rounded_share(double share) { return std::round(share * 1e6) / 1e6; }

} // namespace

Json change_json(const ComparedNames& names, const std::string& metric, const Json& labels, const Statistic& statistic,
                 const Change& change) {
    Json ci; // null: one replication has no interval
    if (change.interval) ci = {whole_ns(change.interval->low), whole_ns(change.interval->high)};
    const auto relative = change.relative();
    return {{"metric", metric},
            {"labels", labels},
            {"stat", statistic.name()},
            {"baseline", names.baseline},
            {"variant", names.variant},
            {"change", whole_ns(change.change())},
            {"change_rel", relative ? Json(rounded_share(*relative)) : Json()},
            {"ci", std::move(ci)},
            {"confidence", names.confidence},
            {"n", change.pairs},
            {"verdict", name_of(change.verdict())}};
}

} // namespace firstbyte::report
