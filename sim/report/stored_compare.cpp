// Two stored results compared, as far as what they keep allows.
#include "firstbyte/stored.hpp"
#include "report/change_json.hpp"
#include "report/compare_text.hpp"
#include "report/format.hpp"
#include "report/result_rows.hpp"
#include "report/slice.hpp"
#include "report/stored_join.hpp"
#include "report/stored_side.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::vector<GroupRow> groups_of(const StoredVariant& before, const StoredVariant& after, GroupBy by) {
    std::vector<std::string> names = before.values("ttfb", label_name(by));
    for (const std::string& name : after.values("ttfb", label_name(by)))
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    std::vector<GroupRow> rows;
    for (const std::string& name : names) {
        const Json labels{{label_name(by), name}};
        GroupRow row{name, {before.side(labels), after.side(labels)}};
        if (row.pair.before.connections.opened + row.pair.after.connections.opened > 0) rows.push_back(std::move(row));
    }
    if (by != GroupBy::Rtt)
        std::stable_sort(rows.begin(), rows.end(), [](const GroupRow& a, const GroupRow& b) {
            return a.pair.after.connections.opened > b.pair.after.connections.opened;
        });
    return rows;
}

std::string stem(const std::string& file) {
    const std::string name = std::filesystem::path(file).filename().string();
    return name.substr(0, name.find('.'));
}

/// Short headings of the two sides that tell them apart.
void name_sides(Compared& compared, const StoredVariant& before, const StoredVariant& after) {
    const auto short_name = [](const StoredVariant& side) {
        return side.one_of_several() ? side.name() : stem(side.file());
    };
    const auto long_name = [](const StoredVariant& side) {
        return side.one_of_several() ? side.file() + "#" + side.name() : side.file();
    };
    compared.baseline_label = short_name(before);
    compared.name = short_name(after);
    if (compared.name == compared.baseline_label) {
        compared.baseline_label = long_name(before);
        compared.name = long_name(after);
    }
    compared.label = compared.name;
}

/// Rows of the table, and the names of those that cannot be had.
std::vector<std::string> choose_statistics(Compared& compared, bool every_quantile) {
    std::set<double> wanted{0.5, 0.95, 0.99};
    if (every_quantile) {
        wanted.clear();
        for (const Side* side : {&compared.all.before, &compared.all.after})
            for (const QuantileSample& sample : side->ttfb.quantiles) wanted.insert(sample.q);
    }
    std::vector<std::string> left_out;
    for (const double q : wanted) {
        if (compared.all.before.ttfb.quantile(q) && compared.all.after.ttfb.quantile(q))
            compared.statistics.push_back({q});
        else
            left_out.push_back(quantile_name(q));
    }
    compared.statistics.push_back({});
    return left_out;
}

std::string version_of(const StoredVariant& stored) {
    return stored.document().at("generator").at("version").get<std::string>();
}

/// How the two could be compared, a sentence each.
std::vector<std::string> remarks_on(const StoredVariant& before, const StoredVariant& after,
                                    const std::string& unpaired, const std::vector<std::string>& left_out) {
    const std::string replications = before.document().at("seeds").at("replications").dump();
    std::vector<std::string> out{
        unpaired.empty()
            ? fmt::format("paired over {} replications: the same seed and clients in both results.", replications)
            : fmt::format("not paired ({}): the intervals are those of independent samples.", unpaired)};
    if (!left_out.empty())
        out.push_back(fmt::format("left out: {}; a result does not say where its replications stood beside {} (not "
                                  "among its output.quantiles, or written by an older version).",
                                  fmt::join(left_out, ", "), left_out.size() == 1 ? "it" : "them"));
    if (version_of(before) != version_of(after))
        out.push_back(fmt::format("written by versions {} and {}: a change may come from the program.",
                                  version_of(before), version_of(after)));
    for (const StoredVariant* side : {&before, &after})
        if (!side->document().value("complete", true))
            out.push_back(side->file() + " is of an interrupted run: some replications are missing.");
    return out;
}

/// Every statistic of the first byte that both results can tell, for all clients and by each label.
Json comparisons_of(const Compared& compared, const StoredVariant& before, const StoredVariant& after,
                    const Method& method) {
    std::set<double> quantiles;
    for (const QuantileSample& sample : compared.all.before.ttfb.quantiles) quantiles.insert(sample.q);
    std::vector<Statistic> statistics{Statistic{}};
    for (const double q : quantiles) statistics.push_back({q});
    const ComparedNames names{compared.baseline_label, compared.name, method.confidence};
    Json out = Json::array();
    const auto put = [&](const Json& labels, const Pair& pair) {
        for (const Statistic& statistic : statistics)
            if (const auto change = ttfb_change(pair, statistic, method))
                out.push_back(change_json(names, "ttfb", labels, statistic, *change));
    };
    put(Json::object(), compared.all);
    for (const GroupBy by : every_label)
        for (const std::string& value : before.values("ttfb", label_name(by))) {
            const Json labels{{label_name(by), value}};
            put(labels, {before.side(labels), after.side(labels)});
        }
    return out;
}

StoredComparison compare_read(const StoredVariant& before, const StoredVariant& after, const ReportOptions& options) {
    const std::string unpaired = why_unpaired(before, after);
    Method method(options.confidence > 0 ? options.confidence : confidence_of(before.document()));
    method.paired = unpaired.empty();
    method.min_effect = options.min_effect;
    Compared compared;
    name_sides(compared, before, after);
    compared.all = {before.side(Json::object()), after.side(Json::object())};
    compared.by = options.by;
    compared.groups = groups_of(before, after, options.by);
    compared.group_reasons = false;
    const std::vector<std::string> left_out = choose_statistics(compared, options.quantiles);
    StoredComparison out;
    out.text = compared_text(compared, method);
    out.verdict = out.text.substr(0, out.text.find('\n'));
    std::vector<std::string> remarks = remarks_on(before, after, unpaired, left_out);
    out.method = fmt::format("{}", fmt::join(remarks, "\n"));
    constexpr int levels_to_metrics = 4; // as in the result of a run
    out.result = json_text(joined_result({before, compared.baseline_label}, {after, compared.name},
                                         comparisons_of(compared, before, after, method), std::move(remarks)),
                           levels_to_metrics);
    return out;
}

} // namespace

StoredComparison compare_stored(const StoredResult& baseline, const StoredResult& variant,
                                const ReportOptions& options) {
    const StoredVariant before(baseline), after(variant);
    try {
        return compare_read(before, after, options);
    } catch (const Json::exception& fault) {
        throw std::runtime_error(
            fmt::format("{} or {} is not a whole result.json ({})", baseline.file, variant.file, fault.what()));
    }
}

} // namespace firstbyte
