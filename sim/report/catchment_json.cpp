#include "firstbyte/report.hpp"
#include "report/json_text.hpp"
#include "report/settling_rows.hpp"

namespace firstbyte {
namespace {

using report::Json;

Json pop_json(const Catchment& catchment, const std::optional<PopId>& pop) {
    return pop ? Json(catchment.pops.at(pop->value)) : Json();
}

Json path_json(const std::vector<AsNumber>& path) {
    Json out = Json::array();
    for (const AsNumber asn : path) out.push_back(asn);
    return out;
}

/// Of a route: how it was learned, its length and the step that chose it; null where there is no route.
template <class Catch>
void put_route(Json& out, const Catch& place) {
    const bool routed = place.pop.has_value();
    out["learned_from"] = routed ? Json(name_of(place.learned_from)) : Json();
    out["length"] = routed ? Json(place.as_path.size()) : Json();
    out["decided_by"] = routed && place.decided_by ? Json(name_of(*place.decided_by)) : Json();
}

Json ases_json(const Catchment& catchment) {
    Json out = Json::array();
    for (const AsCatchment& as : catchment.ases) {
        Json row{{"asn", as.asn}, {"pop", pop_json(catchment, as.pop)}, {"as_path", path_json(as.as_path)}};
        put_route(row, as);
        out.push_back(std::move(row));
    }
    return out;
}

Json clients_json(const Catchment& catchment) {
    Json out = Json::array();
    for (const ClientCatchment& client : catchment.clients) {
        Json row{{"client", client.client},
                 {"region", client.region},
                 {"country", client.country},
                 {"asn", client.asn == 0 ? Json() : Json(client.asn)}, // null: direct paths, no AS
                 {"population", client.population},
                 {"sessions_per_s", client.sessions_per_sec},
                 {"pop", pop_json(catchment, client.pop)},
                 {"as_path", path_json(client.as_path)}};
        put_route(row, client);
        row["rtt_ns"] = client.pop ? Json(client.rtt.count()) : Json();
        row["best_pop"] = pop_json(catchment, client.best_pop);
        row["best_rtt_ns"] = client.best_pop ? Json(client.best_rtt.count()) : Json();
        row["reach"] = name_of(client.reach);
        row["tied"] = client.tied;
        row["prefix_group"] = client.prefix_group.empty() ? Json() : Json(client.prefix_group);
        Json via = Json::array();
        for (const Place& place : client.via) via.push_back({place.lat, place.lon});
        row["via"] = std::move(via);
        out.push_back(std::move(row));
    }
    return out;
}

Json convergence_json(const Catchment& catchment) {
    Json out = Json::array();
    const auto since = [](const std::optional<Duration>& after) { return after ? Json(after->count()) : Json(); };
    for (const EventConvergence& row : catchment.convergence) {
        out.push_back({{"event", row.event},
                       {"what", row.what},
                       {"pop", pop_json(catchment, row.pop)},
                       {"prefix_group", row.prefix_group.empty() ? Json() : Json(row.prefix_group)},
                       {"at_ns", (row.at - Instant{}).count()},
                       {"first_update_ns", since(row.first_update)},
                       {"last_update_ns", since(row.last_update)},
                       {"last_choice_ns", since(row.last_choice)},
                       {"announcements", row.announcements},
                       {"withdrawals", row.withdrawals},
                       {"ases_without_route", row.ases_without_route}});
        if (row.settling) report::put_settling(out.back(), *row.settling);
    }
    return out;
}

} // namespace

std::string catchment_json(const Catchment& catchment, bool all_ases) {
    if (all_ases) return report::json_text(ases_json(catchment), 1);
    Json pops = Json::array();
    for (const std::string& pop : catchment.pops) pops.push_back(pop);
    return report::json_text({{"format", 1},
                              {"tie_break", catchment.tie_break},
                              {"pops", std::move(pops)},
                              {"clients", clients_json(catchment)},
                              {"convergence", convergence_json(catchment)}},
                             2);
}

} // namespace firstbyte
