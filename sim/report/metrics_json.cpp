#include "report/metrics_json.hpp"

#include "report/format.hpp"
#include "report/measure.hpp"
#include "report/outcome_facts.hpp"
#include "report/slice.hpp"
#include "report/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

Json label(const char* name, const std::string& value) { return Json{{name, value}}; }
Json no_label() { return Json::object(); }

/// A metric of times: count, extremes, quantiles, the same for each replication, and the counts themselves.
Json times_json(const char* name, const Json& labels, const Split<Histogram>& times,
                const std::vector<double>& quantiles) {
    const Histogram& pooled = times.pooled;
    Json out{{"name", name}, {"labels", labels}, {"unit", "ns"}, {"count", pooled.count()}};
    if (pooled.empty()) return out;
    out["mean"] = whole_ns(pooled.mean());
    out["min"] = pooled.min();
    out["max"] = pooled.max();
    out["quantiles"] = Json::array();
    for (const double q : quantiles) out["quantiles"].push_back({{"q", q}, {"value", pooled.quantile(q)}});

    Json& each = out["by_replication"];
    each["count"] = Json::array();
    for (const Histogram& replication : times.by_replication) each["count"].push_back(replication.count());
    std::vector<Statistic> statistics{Statistic{}};
    for (const double q : quantiles) statistics.push_back({q});
    for (const Statistic& statistic : statistics) {
        Json& values = each[statistic.name()];
        values = Json::array();
        for (const Histogram& replication : times.by_replication) {
            values.push_back(replication.empty() ? Json() : Json(whole_ns(statistic.of(replication))));
        }
    }
    // Where each replication stood beside the pooled quantiles: with it a stored result can be compared with intervals.
    if (std::string_view(name) == "ttfb") {
        out["ranks"] = Json::array();
        for (const double q : quantiles) {
            const QuantileSample sample = quantile_sample(times, q);
            const auto whole = [](const std::vector<double>& counts) {
                Json list = Json::array();
                for (const double count : counts) list.push_back(whole_ns(count));
                return list;
            };
            out["ranks"].push_back({{"q", q}, {"at_most", whole(sample.at_most)}, {"below", whole(sample.below)}});
        }
    }
    Json bins = Json::array();
    for (const auto& [value, count] : pooled.bins()) bins.push_back({value, count});
    out["histogram"] = {{"scheme", "log-linear-3"}, {"bins", std::move(bins)}};
    return out;
}

/// A counter, pooled and of each replication.
template <class Part, class Of>
Json count_json(const char* name, const Json& labels, const Split<Part>& split, Of of) {
    Json each = Json::array();
    for (const Part& replication : split.by_replication) each.push_back(of(replication));
    return {{"name", name},
            {"labels", labels},
            {"unit", "1"},
            {"count", of(split.pooled)},
            {"by_replication", {{"count", std::move(each)}}}};
}

/// Requests that used an open connection, of all requests.
Json reuse_json(const Json& labels, std::uint64_t reused, std::uint64_t requests) {
    return {{"name", "reuse"}, {"labels", labels},    {"unit", "1"},
            {"count", reused}, {"samples", requests}, {"ratio", ratio_of(reused, requests)}};
}

/// What the total and every marginal of the client groups have in common.
void put_groups(Json& out, const Results& results, const Json& labels, const std::vector<std::size_t>& groups,
                const std::vector<double>& quantiles) {
    const auto requests = requests_of(results, of_groups(results, groups));
    const auto connections = connections_of(results, groups);
    out.push_back(times_json("ttfb", labels, histogram_of(requests, &RequestResults::ttfb), quantiles));
    out.push_back(times_json("request_time", labels, histogram_of(requests, &RequestResults::request_time), quantiles));
    out.push_back(times_json("connect", labels, histogram_of(connections, &ConnectionResults::connect), quantiles));
    if (!connections.pooled.tfo_penalty.empty())
        out.push_back(
            times_json("tfo_penalty", labels, histogram_of(connections, &ConnectionResults::tfo_penalty), quantiles));
    out.push_back(count_json("outcome", labels, requests, count_requests));
    for (const ConnectionCounter& counter : connection_counters) {
        out.push_back(count_json(counter.name, labels, connections,
                                 [&](const ConnectionResults& part) { return part.*counter.member; }));
    }
    out.push_back(count_json("tfo_fallback", labels, connections, [](const ConnectionResults& part) {
        std::uint64_t all = 0;
        for (const std::uint64_t count : part.fallback) all += count;
        return all;
    }));
    // The edge's own connections belong to no client group, so the groups' total is that of the client's leg.
    out.push_back(reuse_json(labels.empty() ? label("leg", "client_edge") : labels, connections.pooled.reused,
                             count_requests(requests.pooled)));
}

void put_objects(Json& out, const Results& results, const std::vector<double>& quantiles) {
    for (std::size_t object = 0; object < results.objects.size(); ++object) {
        const auto requests = requests_of(results, of_object(results, object));
        const Json labels = label("object", results.objects[object]);
        out.push_back(times_json("ttfb", labels, histogram_of(requests, &RequestResults::ttfb), quantiles));
        out.push_back(
            times_json("request_time", labels, histogram_of(requests, &RequestResults::request_time), quantiles));
        out.push_back(count_json("outcome", labels, requests, count_requests));
    }
}

/// What connections of one leg did while nothing was asked on them.
template <class Part>
void put_idleness(Json& out, const Json& labels, const Split<Part>& leg, const std::vector<double>& quantiles) {
    out.push_back(times_json("idle_at_reuse", labels, histogram_of(leg, &Part::idle_at_reuse), quantiles));
    out.push_back(times_json("keepalive_dead_after", labels, histogram_of(leg, &Part::dead_after), quantiles));
    out.push_back(count_json("keepalive_probes", labels, leg,
                             [](const Part& part) { return part.probes_answered + part.probes_unanswered; }));
}

/// Probes of both legs by whether they were answered: a marginal, as every label has one.
void put_probe_answers(Json& out, const Results& results) {
    const auto clients = connections_of(results, whole(results).groups);
    const auto origins = origins_of(results, all_origins(results));
    const auto put = [&](const char* answer, std::uint64_t ConnectionResults::*of_client,
                         std::uint64_t OriginResults::*of_origin) {
        Json row = count_json("keepalive_probes", label("answer", answer), clients,
                              [&](const ConnectionResults& part) { return part.*of_client; });
        row["count"] = clients.pooled.*of_client + origins.pooled.*of_origin;
        for (std::size_t r = 0; r < origins.by_replication.size(); ++r)
            row["by_replication"]["count"][r] =
                clients.by_replication[r].*of_client + origins.by_replication[r].*of_origin;
        out.push_back(std::move(row));
    };
    put("answered", &ConnectionResults::probes_answered, &OriginResults::probes_answered);
    put("unanswered", &ConnectionResults::probes_unanswered, &OriginResults::probes_unanswered);
}

/// Counters of all caches together, and of each PoP's.
void put_caches(Json& out, const Results& results) {
    const bool any = std::any_of(results.replications.begin(), results.replications.end(),
                                 [](const ReplicationResults& replication) { return !replication.caches.empty(); });
    if (!any) return;
    const auto put = [&](const Json& labels, const Split<CacheResults>& caches) {
        for (const CacheCounter& counter : cache_counters)
            out.push_back(count_json(counter.name, labels, caches,
                                     [&](const CacheResults& part) { return part.*counter.member; }));
    };
    put(no_label(), caches_of(results, std::nullopt));
    for (const std::string& pop : results.pops) put(label("pop", pop), caches_of(results, pop));
}

void put_origins(Json& out, const Results& results, const std::vector<double>& quantiles) {
    const auto put = [&](const Json& labels, const Split<OriginResults>& origins) {
        out.push_back(times_json("origin_ttfb", labels, histogram_of(origins, &OriginResults::ttfb), quantiles));
        out.push_back(reuse_json(labels.empty() ? label("leg", "edge_origin") : labels, origins.pooled.reused,
                                 origins.pooled.requests));
        out.push_back(count_json("origin_connections", labels, origins,
                                 [](const OriginResults& part) { return part.connections; }));
        out.push_back(times_json("origin_wait", labels, histogram_of(origins, &OriginResults::wait), quantiles));
        for (const OriginCounter& counter : origin_counters)
            out.push_back(count_json(counter.name, labels, origins,
                                     [&](const OriginResults& part) { return part.*counter.member; }));
        put_idleness(out, labels.empty() ? label("leg", "edge_origin") : labels, origins, quantiles);
    };
    put(no_label(), origins_of(results, all_origins(results)));
    for (std::size_t origin = 0; origin < results.origins.size(); ++origin) {
        put(label("origin", results.origins[origin]), origins_of(results, {origin}));
    }
}

void put_reuse_total(Json& out, const Results& results) {
    const Slice all = whole(results);
    const auto requests = requests_of(results, all);
    const auto connections = connections_of(results, all.groups);
    const auto origins = origins_of(results, all_origins(results));
    out.push_back(reuse_json(no_label(), connections.pooled.reused + origins.pooled.reused,
                             count_requests(requests.pooled) + origins.pooled.requests));
}

std::string origin_name(const Results& results, const OutcomeKey& key) {
    return key.origin < 0 ? std::string() : results.origins.at(static_cast<std::size_t>(key.origin));
}

/// One marginal of the outcomes for each value of each of their own labels.
void put_outcomes(Json& out, const Results& results) {
    using NameOf = std::function<std::string(const OutcomeKey&)>;
    const std::pair<const char*, NameOf> own_labels[] = {
        {"code", [](const OutcomeKey& key) { return code_of(key); }},
        {"cause", [](const OutcomeKey& key) { return std::string(firstbyte::name_of(key.cause)); }},
        {"timer", [](const OutcomeKey& key) { return std::string(timer_of(key.cause)); }},
        {"generated_by", [](const OutcomeKey& key) { return std::string(name_of(key.generated_by)); }},
        {"client_view", [](const OutcomeKey& key) { return std::string(firstbyte::name_of(view_of(key))); }},
        {"leg", [](const OutcomeKey& key) { return std::string(leg_of(key)); }},
        {"origin", [&](const OutcomeKey& key) { return origin_name(results, key); }},
        {"event", [](const OutcomeKey& key) { return key.event < 0 ? std::string() : std::to_string(key.event); }},
    };
    const auto requests = requests_of(results, whole(results));
    for (const auto& own : own_labels) {
        const NameOf& value_of = own.second;
        std::set<std::string> values;
        for (const auto& [key, count] : requests.pooled.outcomes) values.insert(value_of(key));
        for (const std::string& value : values) {
            if (value.empty()) continue; // no leg or no origin had a part in it: it has no such label
            out.push_back(count_json("outcome", label(own.first, value), requests, [&](const RequestResults& part) {
                std::uint64_t count = 0;
                for (const auto& [key, times] : part.outcomes) count += value_of(key) == value ? times : 0;
                return count;
            }));
        }
    }
}

void put_fallbacks(Json& out, const Results& results) {
    const auto connections = connections_of(results, whole(results).groups);
    for (std::size_t i = 0; i < connections.pooled.fallback.size(); ++i) {
        const Json labels = label("why", firstbyte::name_of(static_cast<TfoFallback>(i)));
        out.push_back(count_json("tfo_fallback", labels, connections,
                                 [&](const ConnectionResults& part) { return part.fallback[i]; }));
    }
}

/// Which share of each client group's connections a PoP had, for groups that came to several.
void put_catchment(Json& out, const Results& results) {
    for (const Marginal& client : marginals(results, GroupBy::Client)) {
        const std::vector<std::size_t>& rows = client.groups;
        if (std::none_of(rows.begin(), rows.end(), [&](std::size_t row) { return results.groups[row].moved; }))
            continue;
        const std::uint64_t all = connections_of(results, rows).pooled.opened;
        std::map<std::string, std::vector<std::size_t>> by_pop;
        for (const std::size_t row : rows) by_pop[results.groups[row].pop].push_back(row);
        for (const auto& [pop, there] : by_pop) {
            const std::uint64_t opened = connections_of(results, there).pooled.opened;
            out.push_back({{"name", "catchment"},
                           {"labels", {{"client", client.value}, {"pop", pop}}},
                           {"unit", "1"},
                           {"count", opened},
                           {"samples", all},
                           {"ratio", ratio_of(opened, all)}});
        }
    }
}

/// How long routes moved after each event; the same in every replication.
void put_convergence(Json& out, const Results& results) {
    for (const Convergence& change : results.convergence) {
        // One event may move routes twice: when it begins and when it ends.
        Json labels{{"event", std::to_string(change.event)}, {"change", change.what}};
        if (!change.pop.empty()) labels["pop"] = change.pop;
        out.push_back({{"name", "bgp_convergence"},
                       {"labels", std::move(labels)},
                       {"unit", "ns"},
                       {"count", 1},
                       {"mean", change.duration.count()}});
    }
}

/// Packets that routes led astray, in all and for each client group that lost some.
void put_routes(Json& out, const Results& results) {
    struct Counter {
        const char* name;
        std::uint64_t RouteResults::*member;
    };
    static constexpr Counter counters[] = {{"packets_blackholed", &RouteResults::blackholed},
                                           {"packets_looped", &RouteResults::looped},
                                           {"packets_foreign", &RouteResults::foreign},
                                           {"packets_forwarded", &RouteResults::forwarded}};
    const auto put = [&](const Json& labels, const Split<RouteResults>& routes) {
        for (const Counter& counter : counters)
            out.push_back(count_json(counter.name, labels, routes,
                                     [&](const RouteResults& part) { return part.*counter.member; }));
    };
    put(no_label(), routes_of(results, std::nullopt));
    for (std::size_t group = 0; group < results.groups.size() && !results.groups[group].moved; ++group) {
        const Split<RouteResults> routes = routes_of(results, group);
        const bool any = std::any_of(std::begin(counters), std::end(counters),
                                     [&](const Counter& counter) { return routes.pooled.*counter.member != 0; });
        if (any) put(label("client", results.groups[group].client), routes);
    }
}

} // namespace

std::int64_t whole_ns(double ns) { return std::llround(ns); }

Json metrics_json(const Results& results, const std::vector<double>& quantiles) {
    Json out = Json::array();
    put_reuse_total(out, results);
    put_groups(out, results, no_label(), whole(results).groups, quantiles);
    put_origins(out, results, quantiles);
    put_idleness(out, label("leg", "client_edge"), connections_of(results, whole(results).groups), quantiles);
    put_probe_answers(out, results);
    put_caches(out, results);
    put_outcomes(out, results);
    put_fallbacks(out, results);
    put_catchment(out, results);
    put_routes(out, results);
    put_convergence(out, results);
    put_objects(out, results, quantiles);
    for (const GroupBy by : every_label) {
        for (const Marginal& marginal : marginals(results, by)) {
            if (marginal.value.empty()) continue; // groups without this label are in the total only
            put_groups(out, results, label(label_name(by), marginal.value), marginal.groups, quantiles);
        }
    }
    // Sorted by name; within one name the total comes first and the labels keep the order above.
    std::stable_sort(out.begin(), out.end(), [](const Json& a, const Json& b) {
        return a.at("name").get_ref<const std::string&>() < b.at("name").get_ref<const std::string&>();
    });
    return out;
}

namespace {

/// The first request that ended so, and the command that shows it packet by packet.
/// @param variant_option  that the command needs; nullopt: no command chooses this variant
Json example_json(const Results& results, const Example& example, const std::optional<std::string>& variant_option) {
    const std::string& client = results.groups.at(example.group).client;
    Json out{{"replication", example.replication},
             {"client", client},
             {"connection", example.session},
             {"request", example.request},
             {"end_ns", example.at.time_since_epoch().count()}};
    if (example.replication == 0 && variant_option) // traces are taken from replication 0
        out["command"] =
            fmt::format("firstbyte trace FILE --client {} --conn {}{}", client, example.session, *variant_option);
    return out;
}

} // namespace

Json causes_json(const Results& results, const std::optional<std::string>& variant_option) {
    const auto requests = requests_of(results, whole(results));
    const std::uint64_t all = count_requests(requests.pooled);
    Json out = Json::array();
    const std::map<OutcomeKey, Example> examples = first_examples(results);
    for (const auto& [key, count] : requests.pooled.outcomes) {
        Json row{{"code", code_of(key)},
                 {"cause", firstbyte::name_of(key.cause)},
                 {"generated_by", name_of(key.generated_by)},
                 {"client_view", firstbyte::name_of(view_of(key))}};
        if (const std::string timer = timer_of(key.cause); !timer.empty()) row["timer"] = timer;
        if (const std::string leg = leg_of(key); !leg.empty()) row["leg"] = leg;
        if (const std::string origin = origin_name(results, key); !origin.empty()) row["origin"] = origin;
        if (key.event >= 0) row["event"] = key.event;
        row["count"] = count;
        row["share"] = ratio_of(count, all);
        if (const ErrorFacts* facts = error_facts(key)) {
            row["retryable"] = facts->retryable;
            if (facts->retry_after != 0) row["retry_after"] = facts->retry_after;
            row["category"] = facts->category;
            if (*facts->error_name != '\0') row["error_name"] = facts->error_name;
        }
        if (code_of(key) != "200") row["settings"] = settings_of(key.cause);
        if (const auto example = examples.find(key); example != examples.end())
            row["first"] = example_json(results, example->second, variant_option);
        out.push_back(std::move(row));
    }
    return out;
}

} // namespace firstbyte::report
