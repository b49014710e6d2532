// What the replay of BGP cases found, for readers and for programs.

#include "bgp_replay.hpp"
#include "tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

using Json = nlohmann::ordered_json;

const Row set_header = {"source", "cases", "replayed", "ASes compared", "differ at once", "differ by messages"};

/// By set, in order of their names.
std::vector<Row> set_rows(const std::vector<BgpCaseResult>& results) {
    struct Sum {
        std::size_t cases = 0, replayed = 0, compared = 0, at_once = 0, messages = 0;
    };
    std::map<std::string, Sum> sums;
    for (const BgpCaseResult& result : results) {
        Sum& sum = sums[result.set];
        ++sum.cases;
        if (result.missing.empty()) ++sum.replayed;
        sum.compared += result.compared;
        sum.at_once += result.static_differences.size();
        sum.messages += result.message_differences.size();
    }
    std::vector<Row> rows;
    for (const auto& [set, sum] : sums)
        rows.push_back({set, std::to_string(sum.cases), std::to_string(sum.replayed), std::to_string(sum.compared),
                        std::to_string(sum.at_once), std::to_string(sum.messages)});
    return rows;
}

const Row convergence_header = {"case", "MRAI", "measured", "simulated", "UPDATEs measured", "simulated", "verdict"};

std::string verdict_of(const BgpConvergenceResult& result) {
    if (!result.within()) return "differs";
    if (result.updates_equal) return result.updates_listed ? "agrees, UPDATE by UPDATE" : "agrees";
    return "agrees, other UPDATEs";
}

std::vector<Row> convergence_rows(const std::vector<BgpCaseResult>& results) {
    std::vector<Row> rows;
    for (const BgpCaseResult& result : results)
        for (const BgpConvergenceResult& run : result.convergence) {
            std::string simulated = fmt::format("{:.2f} s", run.simulated_s);
            if (run.simulated_most_s > run.simulated_s)
                simulated = fmt::format("{:.2f} to {:.2f} s", run.simulated_s, run.simulated_most_s);
            rows.push_back({run.id, fmt::format("{:g} s", run.mrai_s), fmt::format("{:.2f} s", run.measured_s),
                            simulated, std::to_string(run.measured_updates), std::to_string(run.simulated_updates),
                            verdict_of(run)});
        }
    return rows;
}

const Row missing_header = {"not replayed", "needs"};

std::vector<Row> missing_rows(const std::vector<BgpCaseResult>& results) {
    std::vector<Row> rows;
    for (const BgpCaseResult& result : results)
        if (!result.missing.empty()) rows.push_back({result.file, fmt::format("{}", fmt::join(result.missing, ", "))});
    return rows;
}

std::vector<Row> figure_rows(const std::vector<BgpCaseResult>& results) {
    std::vector<Row> rows;
    for (const Figure& figure : figures_of(results))
        if (figure.of != 0) rows.push_back(figure_row(figure));
    return rows;
}

/// What differs, for whoever looks for the reason.
std::string difference_list(const std::vector<BgpCaseResult>& results) {
    constexpr std::size_t most = 40; // more would push the tables off the screen; the JSON has all
    std::string text;
    std::size_t found = 0;
    const auto list = [&](const BgpCaseResult& result, const std::vector<std::string>& differences, const char* how) {
        for (const std::string& what : differences)
            if (++found <= most) text += fmt::format("{} ({}): {}\n", result.file, how, what);
    };
    for (const BgpCaseResult& result : results) {
        list(result, result.static_differences, "at once");
        list(result, result.message_differences, "by messages");
    }
    if (found > most) text += fmt::format("... and {} more; --format json has them all\n", found - most);
    return text;
}

/// Whole milliseconds, so that the text does not show how a double is stored.
double rounded(double s) { return std::round(s * 1000) / 1000; }

Json convergence_json(const BgpConvergenceResult& run) {
    return {{"mrai_s", run.mrai_s},
            {"measured_last_update_s", rounded(run.measured_s)},
            {"simulated_last_update_s", rounded(run.simulated_s)},
            {"simulated_last_update_most_s", rounded(run.simulated_most_s)},
            {"measured_updates", run.measured_updates},
            {"simulated_updates", run.simulated_updates},
            {"updates_equal", run.updates_equal},
            {"within", run.within()}};
}

} // namespace

std::string text_of(const std::vector<BgpCaseResult>& results) {
    std::string text = plain_table(set_header, set_rows(results)) + "\n";
    if (const auto rows = convergence_rows(results); !rows.empty())
        text += plain_table(convergence_header, rows) + "\n";
    if (const auto rows = missing_rows(results); !rows.empty()) text += plain_table(missing_header, rows) + "\n";
    if (const std::string differences = difference_list(results); !differences.empty()) text += differences + "\n";
    return text + plain_table(figure_header, figure_rows(results));
}

std::string markdown_of(const std::vector<BgpCaseResult>& results) {
    std::string text = "## Routes and convergence against BGPy, FRR and a naive solver\n\n"
                       "Replay of `tests/conformance/bgp`, written by `tools/validate bgp --write`. Routes are "
                       "computed twice: at once, "
                       "and by messages from an empty start or through the event. Convergence is that of FRR 8.4.4 "
                       "daemons: the time of "
                       "the last UPDATE after the event, and every UPDATE where the record has them.\n\n";
    text += markdown_table(figure_header, figure_rows(results));
    text += "\n### Routes\n\n" + markdown_table(set_header, set_rows(results));
    text += "\n### Convergence\n\n" + markdown_table(convergence_header, convergence_rows(results));
    if (const auto rows = missing_rows(results); !rows.empty()) text += "\n" + markdown_table(missing_header, rows);
    return text;
}

std::string json_of(const std::vector<BgpCaseResult>& results) {
    Json cases = Json::array(), figures = Json::array();
    for (const BgpCaseResult& result : results) {
        Json entry{{"file", result.file}, {"source", result.set}, {"missing", result.missing}};
        if (result.missing.empty()) {
            entry["compared"] = result.compared;
            entry["differences_at_once"] = result.static_differences;
            entry["differences_by_messages"] = result.message_differences;
            entry["convergence"] = Json::array();
            for (const BgpConvergenceResult& run : result.convergence)
                entry["convergence"].push_back(convergence_json(run));
        }
        cases.push_back(std::move(entry));
    }
    bool met = true;
    for (const Figure& figure : figures_of(results)) {
        if (figure.of == 0) continue;
        figures.push_back({{"figure", figure.what},
                           {"good", figure.good},
                           {"of", figure.of},
                           {"share_least", figure.share_least},
                           {"met", figure.met()}});
        met = met && figure.met();
    }
    const Json out{
        {"format", 1}, {"subject", "bgp"}, {"met", met}, {"figures", std::move(figures)}, {"cases", std::move(cases)}};
    return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace firstbyte::validate
