/// CSV and HDR percentile text of a result.
#include "firstbyte/outputs.hpp"
#include "report/result_rows.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::string csv_line(const ResultRow& row) {
    return csv_cell(row.variant) + "," + csv_cell(row.metric) + "," + csv_cell(row.labels) + "," +
           csv_cell(row.statistic) + "," + exact_number(row.value) + "," + row.unit + "," +
           (row.low ? exact_number(*row.low) : "") + "," + (row.high ? exact_number(*row.high) : "") + "," +
           std::to_string(row.samples) + "\n";
}

} // namespace

std::string result_csv(const std::string& result) {
    const Json document = read_result(result);
    std::string out = "variant,metric,labels,stat,value,unit,ci_low,ci_high,n\n";
    for (const ResultRow& row : metric_rows(document)) out += csv_line(row);
    for (const ResultRow& row : comparison_rows(document)) out += csv_line(row);
    return out;
}

std::string records_csv(const std::string& result) {
    const Json document = read_result(result);
    if (!document.contains("records"))
        throw std::runtime_error("the result keeps no single requests: set output.records, or --records");
    const auto line_of = [](const Json& row) {
        std::string line;
        for (const Json& value : row) {
            if (!line.empty()) line += ',';
            line += value.is_null() ? "" : csv_cell(value.is_string() ? value.get<std::string>() : value.dump());
        }
        return line + "\n";
    };
    std::string out = line_of(document.at("records").at("columns"));
    for (const Json& row : document.at("records").at("rows")) out += line_of(row);
    return out;
}

std::string result_hgrm(const std::string& result, std::size_t variant) {
    const Json document = read_result(result);
    const Json& metrics = document.at("variants").at(variant).at("metrics");
    const Json* ttfb = nullptr;
    for (const Json& metric : metrics)
        if (metric.at("name") == "ttfb" && metric.at("labels").empty()) ttfb = &metric;
    if (ttfb == nullptr || !ttfb->contains("histogram"))
        throw std::runtime_error("no request got a first byte: there are no percentiles to write");

    constexpr double ns_per_ms = 1e6;
    const auto all = ttfb->at("count").get<std::uint64_t>();
    const double mean = ttfb->at("mean").get<double>() / ns_per_ms;
    std::string out =
        fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    std::uint64_t below = 0;
    double squares = 0;
    for (const Json& bin : ttfb->at("histogram").at("bins")) {
        const double value = bin.at(0).get<double>() / ns_per_ms;
        const auto count = bin.at(1).get<std::uint64_t>();
        squares += static_cast<double>(count) * (value - mean) * (value - mean);
        below += count;
        const double share = static_cast<double>(below) / static_cast<double>(all);
        out += fmt::format("{:12.3f} {:14.12f} {:10}", value, share, below);
        if (below < all) out += fmt::format(" {:14.2f}", 1 / (1 - share));
        out += "\n";
    }
    out += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", mean,
                       std::sqrt(squares / static_cast<double>(all)));
    out +=
        fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n", ttfb->at("max").get<double>() / ns_per_ms, all);
    return out;
}

} // namespace firstbyte
