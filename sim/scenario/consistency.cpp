#include "scenario/consistency.hpp"

#include "scenario/reader.hpp"
#include "scenario/shape.hpp"
#include "scenario/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>

namespace firstbyte::scenario {

namespace {

/// Judges by what the file names rather than by values, so that a faulty value is not told twice.
class Check {
public:
    Check(Faults& faults, const Node& root, const Scenario& scenario, Purpose purpose)
        : faults_(faults), root_(root), scenario_(scenario), purpose_(purpose), topology_(root.find("topology")) {}

    void everything() {
        topology();
        peering();
        each("pops", [this](const Node& pop, std::size_t index) {
            place_of_pop(pop);
            neighbours_of_pop(pop, index);
        });
        each("origins", [this](const Node& origin, std::size_t index) { way_to_origin(origin, index); });
        each("clients", [this](const Node& client, std::size_t index) { this->client(client, index); });
        weights();
        if (purpose_ == Purpose::Simulate) origins_needed();
        each("events", [this](const Node& event, std::size_t) { time_of_event(event); });
        early_data();
        listeners();
    }

private:
    template <class Function>
    void each(const char* list, Function check) {
        const Node* nodes = good_member(root_, list);
        for (std::size_t i = 0; nodes != nullptr && i < nodes->elements.size(); ++i) {
            const Node& node = nodes->elements[i];
            if (node.is_object() && !node.faulty) check(node, i);
        }
    }

    static std::string called(const Node& node) {
        const Node* id = good_member(node, "id");
        return id != nullptr ? fmt::format("\"{}\"", id->text) : std::string{"without id"};
    }

    /// Whether one of `keys` is there under a wrong name, which was told.
    static bool any_misspelt(const Node& object, std::initializer_list<const char*> keys) {
        return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return misspells(object, key); });
    }

    void topology() {
        if (topology_ == nullptr || !topology_->is_object()) return;
        const bool links = topology_->find("links") != nullptr || topology_->find("peers") != nullptr;
        int forms = links ? 1 : 0;
        for (const char* form : {"as_relationships", "synthetic", "graph"})
            forms += topology_->find(form) != nullptr ? 1 : 0;
        synthetic_sizes();
        if (forms == 1 ||
            (forms == 0 && any_misspelt(*topology_, {"links", "peers", "as_relationships", "synthetic", "graph"})))
            return;
        faults_.at_key(*topology_, "E504",
                       {forms == 0
                            ? "a topology needs `links` (with `peers`), `as_relationships`, `synthetic` or `graph`"
                            : "a topology has only one of `links` (with `peers`), `as_relationships`, `synthetic` and "
                              "`graph`"});
    }

    void synthetic_sizes() {
        const Node* synthetic = good_member(*topology_, "synthetic");
        if (synthetic == nullptr || !synthetic->is_object()) return;
        std::size_t parts = 0;
        for (const char* part : {"tier1", "tier2", "stubs"}) parts += synthetic->find(part) != nullptr ? 1U : 0U;
        const bool total = synthetic->find("ases") != nullptr;
        if (total && parts > 0) {
            faults_.at_key(*synthetic, "E530", {"`synthetic` has both `ases` and numbers of each kind"});
        } else if (!total && parts < 3 && !any_misspelt(*synthetic, {"ases", "tier1", "tier2", "stubs"})) {
            faults_.at_key(*synthetic, "E530", {"`synthetic` needs `ases`, or all of `tier1`, `tier2` and `stubs`"});
        }
    }

    void peering() {
        const Node* anycast = good_member(root_, "anycast");
        const Node* peering = anycast != nullptr ? good_member(*anycast, "peering") : nullptr;
        if (peering == nullptr || !peering->is_object()) return;
        const bool somebody = peering->find("profile") != nullptr || peering->find("city") != nullptr ||
                              peering->find("country") != nullptr;
        if (topology_ == nullptr) {
            faults_.at_key(*peering, "E532",
                           {"`peering` needs a topology: without one there are no ASes to peer with"});
        } else if (!somebody && !any_misspelt(*peering, {"profile", "city", "country"})) {
            faults_.at_key(*peering, "E532", {"`peering` needs `profile`, or a share for `city` or `country`"});
        }
    }

    void place_of_pop(const Node& pop) {
        if (topology_ == nullptr) return;
        const Node* upstreams = pop.find("upstreams");
        const bool listed = upstreams != nullptr && (upstreams->is_list() || upstreams->faulty);
        if (pop.find("at") != nullptr || pop.find("asn") != nullptr || listed) return;
        if (any_misspelt(pop, {"at", "asn", "upstreams"})) return;
        faults_.at_value(
            pop, "E503",
            {fmt::format("PoP {} needs `at`, `asn` or a list of `upstreams` to join the topology", called(pop))});
    }

    /// The neighbours that the file itself names; none when the topology is read from elsewhere.
    [[nodiscard]] std::optional<std::set<AsNumber>> known_neighbours(const Pop& pop) const {
        std::set<AsNumber> known(pop.peers.begin(), pop.peers.end());
        known.insert(pop.upstreams.begin(), pop.upstreams.end());
        if (!pop.asn) return pop.upstreams_listed ? std::optional{known} : std::nullopt;
        if (scenario_.topology.kind != Topology::Kind::Links) return std::nullopt;
        for (const auto* sessions : {&scenario_.topology.links, &scenario_.topology.peers}) {
            for (const auto& [a, b] : *sessions) {
                if (a == *pop.asn) known.insert(b);
                if (b == *pop.asn) known.insert(a);
            }
        }
        return known;
    }

    void neighbours_of_pop(const Node& node, std::size_t index) {
        if (topology_ == nullptr || faults_.any_error()) return;
        const Pop& pop = scenario_.pops[index];
        const std::optional<std::set<AsNumber>> known = known_neighbours(pop);
        if (!known) return;
        const auto stranger = [&](AsNumber asn) {
            return Words{fmt::format("AS{} is no neighbour of PoP {}", asn, called(node)),
                         known->empty() ? "it has none" : "its neighbours are " + numbers(*known)};
        };
        for (std::size_t i = 0; i < pop.prepend_to.size(); ++i) {
            const AsNumber asn = pop.prepend_to[i].first;
            if (known->count(asn) == 0)
                faults_.at_key(node.find("prepend_to")->members[i].value, "E310", stranger(asn));
        }
        for (std::size_t i = 0; i < pop.only_to.size(); ++i) {
            const AsNumber asn = pop.only_to[i];
            if (known->count(asn) == 0) faults_.at_value(node.find("only_to")->elements[i], "E310", stranger(asn));
        }
    }

    static std::string numbers(const std::set<AsNumber>& asns) {
        std::string text;
        for (const AsNumber asn : asns) text += (text.empty() ? "" : ", ") + std::to_string(asn);
        return text;
    }

    void way_to_origin(const Node& origin, std::size_t index) {
        if (origin.find("rtt_to") == nullptr) {
            if (topology_ != nullptr && origin.find("at") != nullptr) return;
            faults_.at_missing(
                origin, "rtt_to", "E502",
                {topology_ == nullptr
                     ? fmt::format("origin {} needs `rtt_to`: without a topology it gives the paths", called(origin))
                     : fmt::format("origin {} needs `at` or `rtt_to`", called(origin))});
            return;
        }
        if (topology_ != nullptr || faults_.any_error()) return;
        for (const std::uint32_t pop : pops_in_use()) {
            const auto& known = scenario_.origins[index].rtt_to;
            const bool given =
                std::any_of(known.begin(), known.end(), [&](const auto& entry) { return entry.first.value == pop; });
            if (given) continue;
            faults_.at_key(*origin.find("rtt_to"), "E502",
                           {fmt::format("origin {} has no round-trip time to PoP \"{}\", which clients use",
                                        called(origin), scenario_.pops[pop].id)});
        }
    }

    /// The PoP of least round-trip time of every client group, when there is no topology.
    [[nodiscard]] std::set<std::uint32_t> pops_in_use() const {
        std::set<std::uint32_t> pops;
        for (const ClientGroup& group : scenario_.clients) {
            const auto least =
                std::min_element(group.rtt_to.begin(), group.rtt_to.end(), [](const auto& a, const auto& b) {
                    return std::pair{a.second, a.first} < std::pair{b.second, b.first};
                });
            if (least != group.rtt_to.end()) pops.insert(least->first.value);
        }
        return pops;
    }

    /// Every client has addresses of its own.
    void addresses(const Node& where, std::size_t index) {
        constexpr std::uint64_t most = std::uint64_t{1} << 32; // IPv4
        const ClientGroup& group = scenario_.clients[index];
        const std::uint64_t before = addresses_;
        addresses_ += std::uint64_t{group.population} * static_cast<std::uint64_t>(group.public_ips);
        if (before < most && addresses_ >= most)
            faults_.at_value(
                where, "E536",
                {fmt::format("the clients up to here have {} addresses, and IPv4 has {}", addresses_, most),
                 "write a smaller `population` or `tfo.public_ips`"});
    }

    void client(const Node& client, std::size_t index) {
        const Node* population = good_member(client, "population");
        const bool nobody = population != nullptr && scenario_.clients[index].population == 0;
        if (nobody)
            faults_.at_value(*population, "E509", {fmt::format("client {} has a population of 0", called(client))});
        addresses(population == nullptr ? client : *population, index);
        if (const Node* world = client.find("world")) return this->world(client, *world);
        if (misspells(client, "world")) return;
        if (client.find("rtt_to") == nullptr) {
            const bool placed = client.find("at") != nullptr || client.find("asn") != nullptr;
            if (topology_ == nullptr) {
                faults_.at_missing(
                    client, "rtt_to", "E501",
                    {fmt::format("client {} needs `rtt_to`: without a topology it gives the paths", called(client))});
            } else if (!placed && !any_misspelt(client, {"asn", "rtt_to"})) {
                faults_.at_missing(client, "at", "E501",
                                   {fmt::format("client {} needs `at`, `asn` or `rtt_to`", called(client))});
            }
        }
        if (purpose_ == Purpose::RoutingOnly) return;
        const Node *sessions = client.find("sessions"), *script = client.find("script");
        if (sessions == nullptr && script == nullptr) {
            if (misspells(client, "script")) return;
            faults_.at_missing(client, "sessions", "E507",
                               {fmt::format("client {} needs `sessions` or `script`", called(client))});
        } else if (sessions != nullptr && script != nullptr) {
            faults_.at_key(*script, "E507",
                           {fmt::format("client {} has both `sessions` and `script`", called(client))});
        }
    }

    /// A group that stands for many has nothing that belongs to one place, and its rate in one place.
    void world(const Node& client, const Node& world) {
        for (const char* key : {"at", "asn", "rtt_to", "country", "script", "sessions"}) {
            const Node* other = client.find(key);
            if (other == nullptr) continue;
            const bool rate = std::string_view{key} == "sessions";
            faults_.at_key(*other, "E531",
                           {fmt::format("client {} has both `world` and `{}`", called(client), key),
                            rate ? "write world.sessions" : std::string{}});
        }
        if (topology_ == nullptr)
            faults_.at_key(world, "E501",
                           {fmt::format("client {} needs a topology: its ASes have the users", called(client))});
        if (!world.is_object() || world.faulty) return;
        const Node *top = world.find("top"), *per = good_member(world, "per");
        if (top != nullptr && per != nullptr && per->text == "country")
            faults_.at_key(*top, "E531", {"`top` goes with `per`: \"as\"; every country has its group"});
        if (purpose_ == Purpose::Simulate && world.find("sessions") == nullptr)
            faults_.at_missing(world, "sessions", "E507",
                               {fmt::format("client {} needs world.sessions", called(client))});
    }

    void weights() {
        const Node* workload = good_member(root_, "workload");
        const Node* objects = workload != nullptr ? good_member(*workload, "objects") : nullptr;
        if (objects == nullptr || objects->elements.empty()) return;
        const bool all_zero = std::all_of(objects->elements.begin(), objects->elements.end(), [](const Node& object) {
            const Node* weight = object.find("weight");
            return weight != nullptr && !weight->faulty && as_number(*weight) == 0;
        });
        if (all_zero) faults_.at_key(*objects, "E506", {"all weights are 0: no object would ever be asked for"});
    }

    void origins_needed() {
        const Node* origins = root_.find("origins");
        const bool any_origin = origins != nullptr && (origins->faulty || !origins->elements.empty());
        if (any_origin || faults_.any_error()) return;
        const bool scripts = std::any_of(scenario_.clients.begin(), scenario_.clients.end(),
                                         [](const ClientGroup& group) { return group.scripted; });
        const bool sessions = std::any_of(scenario_.clients.begin(), scenario_.clients.end(),
                                          [](const ClientGroup& group) { return !group.scripted; });
        bool may_miss = scripts && scenario_.edge.cache_hit_ratio < 1;
        for (const WebObject& object : scenario_.workload.objects) {
            const bool misses = object.cache_hit_ratio.value_or(scenario_.edge.cache_hit_ratio) < 1;
            may_miss = may_miss || (sessions && misses && object.weight > 0);
        }
        if (!may_miss) return;
        faults_.at_missing(root_, "origins", "E508",
                           {"some requests miss the cache, and there is no origin",
                            "add `origins`, or set every cache_hit_ratio to 1"});
    }

    void time_of_event(const Node& event) {
        const Node *at = good_member(event, "at"), *lasting = good_member(event, "for");
        const Duration end = scenario_.run.warmup + scenario_.run.duration;
        if (at == nullptr || scenario_.run.duration == Duration{}) return;
        const Duration start = as_duration(*at);
        if (start >= end) {
            faults_.at_value(*at, "E401",
                             {fmt::format("the event comes after the run, which ends at {}", duration_text(end))});
        } else if (lasting != nullptr && as_duration(*lasting) > end - start) {
            faults_.at_value(*lasting, "E402",
                             {fmt::format("the event lasts beyond the run, which ends at {}", duration_text(end)),
                              "leave `for` out to last until the end"});
        }
    }

    void early_data() {
        const Node* tls = good_member(root_, "tls");
        const Node* early = tls != nullptr ? good_member(*tls, "early_data") : nullptr;
        if (early == nullptr || scenario_.tls.early_data == 0 || scenario_.tls.version == Tls::Version::Tls13) return;
        faults_.at_key(*early, "E518", {"early data exists in TLS 1.3 only (RFC 8446 section 2.3)"});
    }

    /// Model: a PoP has room for so many, because the names of its alarms have four bits for which host is meant, and
    /// two are the leg's own listener and the side towards the origin.
    void listeners() {
        constexpr std::size_t most = 14;
        const Node* tcp = good_member(root_, "tcp");
        const Node* leg = tcp != nullptr ? good_member(*tcp, "client_edge") : nullptr;
        const Node* list = leg != nullptr ? good_member(*leg, "listeners") : nullptr;
        if (list == nullptr || list->elements.size() <= most) return;
        faults_.at_key(*list, "E203", {fmt::format("{} listeners are more than {}", list->elements.size(), most)});
    }

    Faults& faults_;
    const Node& root_;
    const Scenario& scenario_;
    Purpose purpose_;
    std::uint64_t addresses_ = 0; ///< of the clients looked at so far
    const Node* topology_;
};

} // namespace

void check_consistency(Faults& faults, const Node& root, const Scenario& scenario, Purpose purpose) {
    Check(faults, root, scenario, purpose).everything();
}

} // namespace firstbyte::scenario
