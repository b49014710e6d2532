/// Client groups with their path rules.
#include "scenario/object_values.hpp"
#include "scenario/reader.hpp"
#include "scenario/spellings.hpp"

#include <fmt/format.h>

#include <array>

namespace firstbyte::scenario {

namespace {

PathRule read_rule(Faults& faults, const Node& node, const ClientGroup& group) {
    using Dir = PathRule::Dir;
    using Match = PathRule::Match;
    using Action = PathRule::Action;
    static constexpr std::array<Spelling<Dir>, 3> dirs{{{"both", Dir::Both}, {"up", Dir::Up}, {"down", Dir::Down}}};
    static constexpr std::array<Spelling<Match>, 9> matches{{{"any", Match::Any},
                                                             {"syn", Match::Syn},
                                                             {"synack", Match::SynAck},
                                                             {"syn_data", Match::SynData},
                                                             {"tfo", Match::Tfo},
                                                             {"data", Match::Data},
                                                             {"pure_ack", Match::PureAck},
                                                             {"fin", Match::Fin},
                                                             {"no_syn", Match::NoSyn}}};
    static constexpr std::array<Spelling<Action>, 5> actions{{{"drop", Action::Drop},
                                                              {"strip_tfo", Action::StripTfo},
                                                              {"strip_data", Action::StripData},
                                                              {"corrupt_cookie", Action::CorruptCookie},
                                                              {"duplicate", Action::Duplicate}}};
    PathRule rule;
    if (const Node* dir = good_member(node, "dir")) rule.dir = chosen(*dir, dirs);
    if (const Node* match = good_member(node, "match")) rule.match = chosen(*match, matches);
    if (const Node* action = good_member(node, "do")) rule.action = chosen(*action, actions);
    if (const Node* delay = good_member(node, "delay")) rule.delay = as_duration(*delay);
    if (const Node* nth = good_member(node, "nth")) {
        rule.nth.emplace(static_cast<std::uint32_t>(as_int(nth->elements[0])),
                         static_cast<std::uint32_t>(as_int(nth->elements[1])));
    }
    if (const Node* between = good_member(node, "between")) {
        rule.between.emplace(Instant{as_duration(between->elements[0])}, Instant{as_duration(between->elements[1])});
    }
    if (const Node* connections = good_member(node, "connections")) {
        for (const Node& connection : connections->elements) {
            if (connection.faulty) continue;
            const auto index = static_cast<std::uint32_t>(as_int(connection));
            if (group.scripted && index >= group.script.size()) {
                faults.at_value(connection, "E309",
                                {fmt::format("the script has no entry {}: its {} entries count from 0", index,
                                             group.script.size())});
            }
            rule.connections.push_back(index);
        }
    }
    return rule;
}

void read_access(const Node& node, Access& access) {
    if (const Node* delay = good_member(node, "delay"))
        access.delay = read_draw(*find_child("clients[].access", "delay"), *delay);
    if (const Node* down = good_member(node, "down")) access.down = as_bit_rate(*down);
    if (const Node* up = good_member(node, "up")) access.up = as_bit_rate(*up);
    if (const Node* jitter = good_member(node, "jitter"))
        access.jitter = read_draw(*find_child("clients[].access", "jitter"), *jitter);
    const Values from(node, "clients[].access");
    from.read("reorder", access.reorder);
    read_loss(node, "clients[].access", "loss", access.loss);
    if (from.get("loss_up") != nullptr) read_loss(node, "clients[].access", "loss_up", access.loss_up.emplace());
    if (from.get("loss_down") != nullptr) read_loss(node, "clients[].access", "loss_down", access.loss_down.emplace());
    from.read("mtu", access.mtu);
    from.read("path_mtu", access.path_mtu);
    from.read("icmp_filtered", access.icmp_filtered);
    if (const Node* queue = good_member(node, "queue")) {
        access.queue_packets = packets_of(*queue);
        if (!access.queue_packets) access.queue_bytes = as_size(*queue);
    }
}

WorldClients read_world(Faults& faults, const Node& node, const std::string& scenario_file) {
    WorldClients world;
    if (const Node* per = good_member(node, "per"))
        world.per = per->text == "as" ? WorldClients::Per::As : WorldClients::Per::Country;
    if (const Node* top = good_member(node, "top")) world.top = static_cast<std::uint32_t>(as_int(*top));
    const Node* users = good_member(node, "users");
    if (users != nullptr && users->text != "builtin") world.users_file = file_beside(faults, *users, scenario_file);
    return world;
}

} // namespace

void read_clients(Faults& faults, const Node& list, AllNames& names, Scenario& scenario) {
    for (const Node& node : list.elements) {
        ClientGroup group;
        if (const Node* id = good_member(node, "id")) group.id = id->text;
        if (const Node* region = good_member(node, "region")) group.region = region->text;
        if (const Node* country = good_member(node, "country")) group.country = country->text;
        if (const Node* at = good_member(node, "at")) group.at = as_place(*at);
        if (const Node* asn = good_member(node, "asn")) group.asn = as_asn(*asn);
        read_rtt_to(faults, node, names, group.rtt_to);
        if (const Node* population = good_member(node, "population"))
            group.population = static_cast<std::uint32_t>(as_int(*population));
        if (const Node* sessions = good_member(node, "sessions")) group.sessions = as_event_rate(*sessions);
        if (const Node* deadline = good_member(node, "deadline")) group.deadline = as_duration(*deadline);
        if (const Node* retries = good_member(node, "retry_on_reset")) group.retry_on_reset = as_int(*retries);
        if (const Node* world = good_member(node, "world")) {
            group.world = read_world(faults, *world, scenario.file);
            if (const Node* sessions = good_member(*world, "sessions")) group.sessions = as_event_rate(*sessions);
        }
        group.scripted = node.find("script") != nullptr;
        if (const Node* script = good_member(node, "script")) read_script(faults, *script, names, group.script);
        if (const Node* rules = good_member(node, "path_rules")) {
            for (const Node& rule : rules->elements) {
                if (rule.is_object()) group.path_rules.push_back(read_rule(faults, rule, group));
            }
        }
        if (const Node* access = good_member(node, "access")) read_access(*access, group.access);
        if (const Node* tfo = good_member(node, "tfo")) {
            if (const Node* support = good_member(*tfo, "support")) group.tfo_support = as_share(*support);
            group.cookie_held = good_member(*tfo, "cookie") != nullptr;
            const Values boxes(*tfo, "clients[].tfo");
            boxes.read_share("option_stripped", group.tfo_option_stripped);
            boxes.read_share("data_stripped", group.tfo_data_stripped);
            boxes.read_share("syn_data_dropped", group.tfo_syn_data_dropped);
            boxes.read_share("option_dropped", group.tfo_option_dropped);
            boxes.read_share("blackholed", group.tfo_blackholed);
            boxes.read("public_ips", group.public_ips);
            boxes.read("race", group.tfo_race);
            if (group.tfo_race && group.scripted)
                faults.at_value(
                    *tfo->find("race"), "E535",
                    {"a script says itself which connections there are: it has no race",
                     "write `sessions` in place of `script`, or two entries, one of them `with` the other"});
        }
        scenario.clients.push_back(std::move(group));
    }
}

} // namespace firstbyte::scenario
