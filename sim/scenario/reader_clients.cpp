/// Client groups with their scripts and path rules.
#include "scenario/distribution.hpp"
#include "scenario/reader.hpp"
#include "scenario/values.hpp"

#include <fmt/format.h>

#include <array>

namespace firstbyte::scenario {

namespace {

template <class Value>
struct Spelling {
    std::string_view word;
    Value value;
};

/// The value that a checked choice stands for.
template <class Value, std::size_t count>
Value chosen(const Node& node, const std::array<Spelling<Value>, count>& spellings) {
    for (const auto& spelling : spellings) {
        if (spelling.word == node.text) return spelling.value;
    }
    return spellings.front().value;
}

ScriptStep read_step(const Node& node) {
    ScriptStep step;
    if (const Node* idle = good_member(node, "idle")) {
        step.kind = ScriptStep::Kind::Idle;
        step.idle = as_duration(*idle);
        return step;
    }
    if (const Node* request = good_member(node, "request")) step.request = as_size(*request);
    if (const Node* response = good_member(node, "response")) step.response = as_size(*response);
    const Node* expect = good_member(node, "expect");
    step.expect = expect != nullptr ? as_size(*expect) : step.response;
    if (const Node* think = good_member(node, "think")) step.think = as_duration(*think);
    step.respond = node.find("respond") == nullptr;
    using Then = ScriptStep::Then;
    static constexpr std::array<Spelling<Then>, 3> thens{
        {{"keep", Then::Keep}, {"close", Then::Close}, {"reset", Then::Reset}}};
    if (const Node* then = good_member(node, "then")) step.then = chosen(*then, thens);
    return step;
}

void check_step(Faults& faults, const Node& node) {
    const bool request = node.find("request") != nullptr, idle = node.find("idle") != nullptr;
    const Node *respond = node.find("respond"), *then = node.find("then");
    if (request == idle) {
        faults.at_value(node, "E514",
                        {request ? "a step is a request or a rest, not both" : "a step needs `request` or `idle`"});
    } else if (request && respond == nullptr && node.find("response") == nullptr) {
        faults.at_missing(node, "response", "E103",
                          {"missing key \"response\"", "add \"response\": \"500B\", or \"respond\": \"none\""});
    } else if (request && respond != nullptr && then != nullptr && !then->faulty && then->text == "keep") {
        faults.at_value(*respond, "E513",
                        {"a server that does not respond must close or reset", "add \"then\": \"close\""});
    }
}

void read_start(Faults& faults, const Node& node, std::uint32_t index, ScriptConnection& entry) {
    const Node *at = node.find("at"), *after = node.find("after"), *with = node.find("with"), *plus = node.find("plus");
    const int given = (at != nullptr ? 1 : 0) + (after != nullptr ? 1 : 0) + (with != nullptr ? 1 : 0);
    if (given != 1) {
        faults.at_value(node, "E511", {"a script entry needs exactly one of `at`, `after` and `with`"});
        return;
    }
    if (plus != nullptr && with == nullptr) faults.at_key(*plus, "E511", {"`plus` belongs to `with`"});
    if (at != nullptr) {
        entry.start = ScriptConnection::Start::At;
        if (!at->faulty) entry.offset = as_duration(*at);
    } else if (after != nullptr) {
        entry.start = ScriptConnection::Start::After;
        if (!after->faulty) entry.offset = as_duration(*after);
        if (index == 0) faults.at_key(*after, "E512", {"no entry stands before the first one", "write \"at\""});
    } else {
        entry.start = ScriptConnection::Start::With;
        if (plus != nullptr && !plus->faulty) entry.offset = as_duration(*plus);
        if (with->faulty) return;
        entry.with = static_cast<std::uint32_t>(as_int(*with));
        if (entry.with >= index) {
            faults.at_value(*with, "E309",
                            {fmt::format("entry {} does not stand before this one, entry {}", entry.with, index)});
        }
    }
}

void read_script(Faults& faults, const Node& list, std::vector<ScriptConnection>& script) {
    for (const Node& node : list.elements) {
        ScriptConnection entry;
        if (node.is_object()) {
            read_start(faults, node, static_cast<std::uint32_t>(script.size()), entry);
            if (const Node* hold = good_member(node, "hold")) entry.hold = as_duration(*hold);
            if (const Node* steps = good_member(node, "steps")) {
                for (const Node& step : steps->elements) {
                    if (step.faulty || !step.is_object()) continue;
                    check_step(faults, step);
                    entry.steps.push_back(read_step(step));
                }
            }
        }
        script.push_back(std::move(entry));
    }
}

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
    static constexpr std::array<Spelling<Action>, 4> actions{{{"drop", Action::Drop},
                                                              {"strip_tfo", Action::StripTfo},
                                                              {"strip_data", Action::StripData},
                                                              {"corrupt_cookie", Action::CorruptCookie}}};
    PathRule rule;
    if (const Node* dir = good_member(node, "dir")) rule.dir = chosen(*dir, dirs);
    if (const Node* match = good_member(node, "match")) rule.match = chosen(*match, matches);
    if (const Node* action = good_member(node, "do")) rule.action = chosen(*action, actions);
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
    if (const Node* queue = good_member(node, "queue")) {
        access.queue_packets = packets_of(*queue);
        if (!access.queue_packets) access.queue_bytes = as_size(*queue);
    }
}

} // namespace

void read_clients(Faults& faults, const Node& list, AllNames& names, std::vector<ClientGroup>& clients) {
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
        group.scripted = node.find("script") != nullptr;
        if (const Node* script = good_member(node, "script")) read_script(faults, *script, group.script);
        if (const Node* rules = good_member(node, "path_rules")) {
            for (const Node& rule : rules->elements) {
                if (rule.is_object()) group.path_rules.push_back(read_rule(faults, rule, group));
            }
        }
        if (const Node* access = good_member(node, "access")) read_access(*access, group.access);
        if (const Node* tfo = good_member(node, "tfo")) {
            if (const Node* support = good_member(*tfo, "support")) group.tfo_support = as_share(*support);
            group.cookie_held = good_member(*tfo, "cookie") != nullptr;
        }
        clients.push_back(std::move(group));
    }
}

} // namespace firstbyte::scenario
