/// Scripts: exact connections and what they do.
#include "scenario/object_values.hpp"
#include "scenario/reader.hpp"
#include "scenario/reader_tcp.hpp"
#include "scenario/spellings.hpp"

#include <fmt/format.h>

#include <array>

namespace firstbyte::scenario {

namespace {

/// A member that is there and not `false`.
bool says(const Node& node, std::string_view key) {
    const Node* member = node.find(key);
    return member != nullptr && (!member->is_bool() || member->truth);
}

ScriptStep read_step(const Node& node) {
    using Then = ScriptStep::Then;
    const Values from(node, "clients[].script[].steps[]");
    ScriptStep step;
    step.half_close = says(node, "half_close");
    if (node.find("request") == nullptr) {
        if (const Node* unread = from.get("unread")) {
            step.kind = ScriptStep::Kind::Unread;
            step.idle = as_duration(*unread);
        } else if (step.half_close) {
            step.kind = ScriptStep::Kind::HalfClose;
        } else if (says(node, "abort")) {
            step.kind = ScriptStep::Kind::Abort;
        } else {
            step.kind = ScriptStep::Kind::Idle;
            from.read("idle", step.idle);
        }
        return step;
    }
    from.read("request", step.request);
    from.read("response", step.response);
    step.expect = step.response;
    from.read("expect", step.expect);
    from.read("think", step.think);
    from.read("sends", step.sends);
    const Node* respond = from.get("respond");
    step.respond = respond == nullptr;
    static constexpr std::array<Spelling<Then>, 3> thens{
        {{"keep", Then::Keep}, {"close", Then::Close}, {"reset", Then::Reset}}};
    if (const Node* then = from.get("then")) step.then = chosen(*then, thens);
    if (respond != nullptr && respond->text == "never") step.then = Then::Keep;
    return step;
}

void check_step(Faults& faults, const Node& node) {
    const bool request = node.find("request") != nullptr;
    int things = 0;
    for (const char* thing : {"request", "idle", "unread", "abort"}) things += says(node, thing) ? 1 : 0;
    if (!request) things += says(node, "half_close") ? 1 : 0;
    const Node *respond = node.find("respond"), *then = node.find("then");
    if (things != 1) {
        faults.at_value(node, "E514",
                        {things == 0 ? "a step needs `request`, `idle`, `unread`, `half_close` or `abort`"
                                     : "a step does one thing; only `half_close` may stand beside `request`"});
    } else if (request && respond == nullptr && node.find("response") == nullptr) {
        faults.at_missing(node, "response", "E103",
                          {"missing key \"response\"", "add \"response\": \"500B\", or \"respond\": \"none\""});
    } else if (request && respond != nullptr && respond->text == "none" && then != nullptr && !then->faulty &&
               then->text == "keep") {
        faults.at_value(*respond, "E513",
                        {"a server that does not respond must close or reset",
                         "add \"then\": \"close\", or write \"respond\": \"never\""});
    }
}

/// What a step cannot come after.
void check_order(Faults& faults, const Node& node, const ScriptStep& step, const std::vector<ScriptStep>& before) {
    bool aborted = false, half_closed = false;
    for (const ScriptStep& earlier : before) {
        aborted = aborted || earlier.kind == ScriptStep::Kind::Abort;
        half_closed = half_closed || earlier.half_close;
    }
    if (aborted)
        faults.at_value(node, "E514", {"nothing follows `abort`: the connection is gone"});
    else if (half_closed && (step.kind == ScriptStep::Kind::Request || step.half_close))
        faults.at_value(node, "E514", {"the client sends nothing more after `half_close`"});
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

} // namespace

void read_script(Faults& faults, const Node& list, AllNames& names, std::vector<ScriptConnection>& script) {
    for (const Node& node : list.elements) {
        ScriptConnection entry;
        if (node.is_object()) {
            const Values from(node, "clients[].script[]");
            read_start(faults, node, static_cast<std::uint32_t>(script.size()), entry);
            from.read("hold", entry.hold);
            from.read("read_deadline", entry.read_deadline);
            if (const Node* listener = from.get("listener"))
                entry.listener = names.listeners.at_value(faults, listener->text, *listener);
            entry.tcp = read_connection_tcp(from.in("tcp"));
            if (const Node* steps = from.get("steps")) {
                for (const Node& step : steps->elements) {
                    if (step.faulty || !step.is_object()) continue;
                    check_step(faults, step);
                    const ScriptStep read = read_step(step);
                    check_order(faults, step, read, entry.steps);
                    entry.steps.push_back(read);
                }
            }
        }
        script.push_back(std::move(entry));
    }
}

} // namespace firstbyte::scenario
