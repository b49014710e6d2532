#include "report/stored_side.hpp"

#include "report/measure.hpp"
#include "report/result_rows.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// The variant that is meant.
Json chosen(const Json& document, const StoredResult& stored) {
    const Json& variants = document.at("variants");
    std::vector<std::string> names;
    for (const Json& variant : variants) {
        names.push_back(variant.at("name").get<std::string>());
        if (names.back() == stored.variant) return variant;
    }
    if (stored.variant.empty() && variants.size() == 1) return variants.front();
    const std::string all = fmt::format("{}", fmt::join(names, ", "));
    if (names.empty()) throw std::runtime_error(stored.file + " has no variant: it is no finished result");
    if (stored.variant.empty())
        throw std::runtime_error(fmt::format("{} has the variants {}: choose one, such as {}#{}", stored.file, all,
                                             stored.file, names.back()));
    throw std::runtime_error(fmt::format("{} has no variant \"{}\"; it has {}", stored.file, stored.variant, all));
}

std::vector<double> numbers(const Json& list) {
    std::vector<double> out;
    for (const Json& number : list) out.push_back(number.is_number() ? number.get<double>() : 0);
    return out;
}

/// Times of a stored metric, with those quantiles whose replications it tells of.
Times times_in(const Json& metric) {
    Times out;
    out.pooled = histogram_in(metric);
    const auto each = metric.find("by_replication");
    if (each == metric.end()) return out;
    out.means = {numbers(each->at("mean")), numbers(each->at("count"))};
    for (std::size_t r = 0; r < out.means.parts.size(); ++r) out.means.parts[r] *= out.means.wholes[r];
    const auto ranks = metric.find("ranks");
    if (ranks == metric.end()) return out;
    for (const Json& rank : *ranks)
        out.quantiles.push_back({rank.at("q").get<double>(), out.pooled.bins(), numbers(rank.at("at_most")),
                                 numbers(rank.at("below")), out.means.wholes});
    return out;
}

std::vector<std::string> clients_of(const StoredVariant& stored) {
    std::vector<std::string> out;
    for (const Json& row : stored.document().at("catchment"))
        if (row.at("variant") == stored.name()) out.push_back(row.at("client").get<std::string>());
    return out;
}

ConnectionResults connections_in(const StoredVariant& stored, const Json& labels) {
    ConnectionResults out;
    for (const ConnectionCounter& counter : connection_counters)
        out.*counter.member = stored.count(counter.name, labels);
    if (const Json* penalty = stored.metric("tfo_penalty", labels)) out.tfo_penalty = histogram_in(*penalty);
    out.reused = stored.count("reuse", labels.empty() ? Json{{"leg", "client_edge"}} : labels);
    for (std::size_t i = 0; labels.empty() && i < out.fallback.size(); ++i)
        out.fallback[i] = stored.count("tfo_fallback", Json{{"why", firstbyte::name_of(static_cast<TfoFallback>(i))}});
    return out;
}

} // namespace

std::string why_unpaired(const StoredVariant& before, const StoredVariant& after) {
    const Json &a = before.document().at("seeds"), &b = after.document().at("seeds");
    if (a.at("base") != b.at("base")) return fmt::format("seeds {} and {}", a.at("base").dump(), b.at("base").dump());
    if (a.at("replications") != b.at("replications"))
        return fmt::format("{} and {} replications", a.at("replications").dump(), b.at("replications").dump());
    return clients_of(before) == clients_of(after) ? "" : "other clients";
}

Histogram histogram_in(const Json& metric) {
    Histogram out;
    const auto histogram = metric.find("histogram");
    if (histogram == metric.end()) return out;
    for (const Json& bin : histogram->at("bins"))
        out.add(bin.at(0).get<std::int64_t>(), bin.at(1).get<std::uint64_t>());
    return out;
}

StoredVariant::StoredVariant(const StoredResult& stored) : file_(stored.file) {
    try {
        document_ = read_result(stored.text);
        variant_ = chosen(document_, stored);
        static_cast<void>(variant_.at("metrics"));
    } catch (const Json::exception& fault) {
        throw std::runtime_error(fmt::format("{}: not a whole result.json ({})", file_, fault.what()));
    } catch (const std::runtime_error& fault) {
        const std::string why = fault.what();
        throw std::runtime_error(why.starts_with(file_) ? why : file_ + ": " + why);
    }
}

const Json* StoredVariant::metric(const std::string& name, const Json& labels) const {
    for (const Json& metric : variant_.at("metrics"))
        if (metric.at("name") == name && metric.at("labels") == labels) return &metric;
    return nullptr;
}

std::vector<std::string> StoredVariant::values(const std::string& metric, const std::string& label) const {
    std::vector<std::string> out;
    for (const Json& row : variant_.at("metrics")) {
        const Json& labels = row.at("labels");
        if (row.at("name") == metric && labels.size() == 1 && labels.contains(label))
            out.push_back(labels.at(label).get<std::string>());
    }
    return out;
}

std::uint64_t StoredVariant::count(const std::string& name, const Json& labels) const {
    const Json* row = metric(name, labels);
    return row == nullptr ? 0 : row->value("count", std::uint64_t{0});
}

Side StoredVariant::side(const Json& labels) const {
    Side out;
    if (const Json* ttfb = metric("ttfb", labels)) out.ttfb = times_in(*ttfb);
    out.requests = count("outcome", labels);
    if (labels.empty()) {
        for (const std::string& code : values("outcome", "code"))
            out.codes[code] = count("outcome", Json{{"code", code}});
    }
    out.connections = connections_in(*this, labels);
    return out;
}

} // namespace firstbyte::report
