#include "report/records.hpp"

#include "report/slice.hpp"

#include <cstddef>
#include <utility>

namespace firstbyte::report {
namespace {

Json ns_or_null(Duration time) { return time < Duration{0} ? Json() : Json(time.count()); }

unsigned flags_of(const RequestRecord& record) {
    unsigned flags = record.cookie ? record_cookie : 0U;
    if (record.connect < Duration{0} && record.ttfb >= Duration{0}) flags |= record_reused;
    if (record.syn_data_accepted) flags |= record_accepted;
    if (record.total >= Duration{0}) flags |= record_complete;
    return flags;
}

} // namespace

Json record_rows(const Results& results, const std::string& variant) {
    Json rows = Json::array();
    for (std::size_t run = 0; run < results.replications.size(); ++run) {
        for (const RequestRecord& record : results.replications[run].records) {
            const GroupLabels& labels = results.groups[record.row];
            const OutcomeKey& outcome = record.outcome;
            const Json origin =
                outcome.origin < 0 ? Json() : Json(results.origins[static_cast<std::size_t>(outcome.origin)]);
            rows.push_back({variant, run, labels.client, labels.region, labels.pop, origin,
                            results.objects[record.object], code_of(outcome), firstbyte::name_of(outcome.cause),
                            record.session, record.request, record.decided.time_since_epoch().count(),
                            ns_or_null(record.ttfb), ns_or_null(record.total), ns_or_null(record.connect),
                            labels.rtt.count(), flags_of(record)});
        }
    }
    return rows;
}

} // namespace firstbyte::report
