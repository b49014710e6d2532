#include "parse_common.hpp"
#include "read_records.hpp"
#include "record_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

namespace firstbyte::validate {
namespace {

using Json = nlohmann::json;

/// The text of one element of the file's list, and the line on which it begins.
struct Piece {
    std::string text;
    int line = 1;
};

/// Cuts the list into its elements, so that a fault can name the line of its record.
std::vector<Piece> pieces_of(const std::string& text, const std::string& file) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    std::vector<Piece> pieces;
    std::size_t begin = 0; // of the element at hand; 0: the list has not begun
    int line = 1, begin_line = 1, depth = 0;
    bool in_text = false, in_element = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (in_text) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_text = false;
            continue;
        }
        if (depth == 0) {
            if (blank(c)) continue;
            if (c != '[' || begin != 0) throw RecordError(file, line, "expected one list of records, [ ... ]");
            depth = 1;
            begin = i + 1;
            continue;
        }
        const bool ends = depth == 1 && (c == ',' || c == ']');
        if (ends && in_element) pieces.push_back({text.substr(begin, i - begin), begin_line});
        if (ends && !in_element && (c == ',' || !pieces.empty())) throw RecordError(file, line, "a record is missing");
        if (ends) in_element = false;
        if (!ends && !in_element && !blank(c)) {
            in_element = true;
            begin = i;
            begin_line = line;
        }
        in_text = c == '"';
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    if (begin == 0) throw RecordError(file, line, "expected a list of records, [ ... ]; the file is empty");
    if (depth != 0 || in_text) throw RecordError(file, line, "the file ends inside a record");
    return pieces;
}

std::uint32_t small(const Fields& fields, const char* name, std::int64_t least = 0) {
    return static_cast<std::uint32_t>(fields.whole(name, least, count_max));
}

std::uint8_t flags_of(const Fields& fields, const std::string& letters) {
    std::uint8_t flags = 0;
    for (const char letter : letters) {
        switch (letter) {
        case 'S': flags |= flag::syn; break;
        case 'F': flags |= flag::fin; break;
        case 'R': flags |= flag::rst; break;
        case 'P': flags |= flag::psh; break;
        case 'A': flags |= flag::ack; break;
        default: fields.fail(fmt::format("\"f\" knows the flags S F R P A, found \"{}\"", letters));
        }
    }
    return flags;
}

TracePacket::Act act_of(const Fields& fields, const std::string& act) {
    using Act = TracePacket::Act;
    constexpr std::pair<std::string_view, Act> acts[] = {
        {"forward", Act::Forward},      {"drop", Act::Drop},
        {"tail_drop", Act::TailDrop},   {"strip_tfo", Act::StripTfo},
        {"strip_data", Act::StripData}, {"corrupt_cookie", Act::CorruptCookie},
    };
    for (const auto& [name, value] : acts)
        if (name == act) return value;
    fields.fail(fmt::format("\"act\" is unknown: \"{}\"", act));
}

/// A sequence number: absent and null both mean that the record does not know it.
std::optional<std::uint32_t> sequence(const Fields& fields, const char* name) {
    if (!fields.has(name) || fields.at(name).is_null()) return std::nullopt;
    return static_cast<std::uint32_t>(fields.whole(name, 0, 4'294'967'295));
}

bool is_down(const Fields& fields, const std::string& dir) {
    if (dir != "c2s" && dir != "s2c") fields.fail(fmt::format("\"dir\" must be c2s or s2c, found \"{}\"", dir));
    return dir == "s2c";
}

Packet packet_of(const Fields& fields, std::size_t connections) {
    Packet packet;
    packet.at = from_ms(fields.number("t", 0, ms_max));
    packet.connection = static_cast<std::uint32_t>(fields.whole("conn", 0, static_cast<std::int64_t>(connections) - 1));
    packet.up = !is_down(fields, fields.text("dir"));
    packet.flags = flags_of(fields, fields.text("f"));
    packet.seq = sequence(fields, "seq");
    packet.ack = sequence(fields, "ack");
    packet.length = small(fields, "len");
    if (fields.has("win")) packet.window = small(fields, "win");
    const std::string tfo = fields.text_or("tfo", "");
    constexpr std::string_view cookie = "cookie:";
    if (tfo == "request") {
        packet.tfo = TracePacket::Tfo::Request;
    } else if (tfo.starts_with(cookie)) {
        packet.tfo = TracePacket::Tfo::Cookie;
        packet.cookie = tfo.substr(cookie.size());
    } else if (!tfo.empty()) {
        fields.fail(fmt::format("\"tfo\" must be request or cookie:..., found \"{}\"", tfo));
    }
    packet.experimental = fields.has("tfo_exp") && fields.boolean("tfo_exp");
    packet.act = act_of(fields, fields.text_or("act", "forward"));
    if (fields.has("sack")) {
        for (const Json& block : fields.list("sack")) {
            if (!block.is_array() || block.size() != 2 || !block[0].is_number() || !block[1].is_number())
                fields.fail("\"sack\" must be a list of [begin, end]");
            packet.sack.emplace_back(block[0].get<std::uint32_t>(), block[1].get<std::uint32_t>());
        }
    }
    return packet;
}

std::vector<AppEvent> events_of(const Fields& fields, const char* name) {
    std::vector<AppEvent> events;
    if (!fields.has(name)) return events;
    for (const Json& event : fields.list(name)) {
        const bool pair = event.is_array() && event.size() >= 2 && event[0].is_string() && event[1].is_number();
        if (!pair || !(event[1].get<double>() >= 0 && event[1].get<double>() <= ms_max))
            fields.fail(fmt::format("\"{}\" must be a list of [name, ms]", name));
        events.push_back({event[0].get<std::string>(), from_ms(event[1].get<double>())});
    }
    return events;
}

/// "q400/5000/300,i20": a letter, then numbers between slashes.
std::vector<StepRecord> steps_of(const Fields& fields, const std::string& text) {
    std::vector<StepRecord> steps;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string step = text.substr(at, end - at);
        at = end + 1;
        StepRecord parsed;
        parsed.letter = step.empty() ? ' ' : step[0];
        const char *position = step.data() + std::min<std::size_t>(1, step.size()), *stop = step.data() + step.size();
        bool good = true;
        while (good && position != stop) {
            std::uint64_t number = 0;
            const auto [next, error] = std::from_chars(position, stop, number);
            good = error == std::errc{} && number <= static_cast<std::uint64_t>(count_max);
            parsed.numbers.push_back(number);
            position = next;
            if (good && position != stop) good = *position++ == '/' && position != stop;
        }
        const auto [least, most] = [letter = parsed.letter]() -> std::pair<std::size_t, std::size_t> {
            switch (letter) {
            case 'q': return {2, 5};
            case 'i':
            case 'h':
            case 'n':
            case 't': return {1, 1};
            case 'w':
            case 'x': return {0, 0};
            default: return {1, 0}; // never right
            }
        }();
        if (!good || parsed.numbers.size() < least || parsed.numbers.size() > most)
            fields.fail(fmt::format("\"steps\": \"{}\" is not a step; see the README of the records", step));
        steps.push_back(std::move(parsed));
    }
    return steps;
}

ConnectionRecord connection_of(const Fields& fields) {
    ConnectionRecord connection;
    connection.label = fields.text_or("label", "");
    connection.steps = steps_of(fields, fields.text("steps"));
    const Fields options = fields.object("opts");
    for (const auto& [name, value] : options.node().items()) {
        if (!value.is_string() && !value.is_number_unsigned())
            options.fail(fmt::format("\"{}\" must be text or a whole number", name));
        connection.options[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    connection.error = fields.text_or("err", "");
    connection.client_events = events_of(fields, "client_events");
    if (!connection.time_of("start")) fields.fail("\"client_events\" has no \"start\"");
    if (fields.has("client_info") && !fields.at("client_info").is_null()) {
        constexpr const char* reasons[] = {"none", "cookie_unavailable", "data_not_acked", "syn_retransmitted"};
        const Fields info = fields.object("client_info");
        if (info.has("fastopen_client_fail"))
            connection.fast_open_fail = reasons[info.whole("fastopen_client_fail", 0, 3)];
    }
    if (fields.has("spread_ms")) {
        const Fields spread = fields.object("spread_ms");
        for (const auto& [name, value] : spread.node().items()) {
            if (!value.is_array() || value.size() != 2 || !value[0].is_number() || !value[1].is_number())
                spread.fail(fmt::format("\"{}\" must be [least, greatest]", name));
            connection.spread_ms[name] = {value[0].get<double>(), value[1].get<double>()};
        }
    }
    return connection;
}

std::map<std::string, std::string> sysctls_of(const Fields& fields) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : fields.node().items()) {
        if (!value.is_string()) fields.fail(fmt::format("\"{}\" must be text", name));
        out[name] = value.get<std::string>();
    }
    return out;
}

/// A change that the experiment made between two connections. Its time was noted after it was made: packets of a
/// connection that starts up to 1.5 ms before the noted time show it in effect. So one noted within 2 ms after a start
/// came before it.
Duration made_at(Duration noted, const std::vector<ConnectionRecord>& connections) {
    using namespace std::chrono_literals;
    Duration made = noted;
    for (const ConnectionRecord& connection : connections) {
        const Duration start = *connection.time_of("start");
        if (start <= noted && noted - start <= 2ms) made = std::min(made, std::max(start - 10us, Duration{0}));
    }
    return made;
}

/// The record writes "all rules end" as a rule of its own; here every rule knows its end.
std::vector<RuleRecord> rules_of(const Fields& fields, const std::vector<ConnectionRecord>& connections) {
    std::vector<RuleRecord> rules;
    std::size_t cleared = 0; // rules before this one have ended
    for (std::size_t i = 0; i < fields.list("rules").size(); ++i) {
        const Fields rule = fields.element("rules", i);
        if (rule.has("cleared_at_ms")) {
            rule.only({"cleared_at_ms"});
            const Duration end = made_at(from_ms(rule.number("cleared_at_ms", 0, ms_max)), connections);
            for (; cleared < rules.size(); ++cleared) {
                std::optional<Duration>& until = rules[cleared].until;
                until = std::min(until.value_or(end), end);
            }
            continue;
        }
        rule.only({"dir", "match", "action", "from", "to", "after_ms", "until_ms", "added_at_ms", "conns"});
        RuleRecord out;
        out.dir = rule.text("dir");
        out.match = rule.text("match");
        out.action = rule.text("action");
        if (rule.has("from") || rule.has("to"))
            out.nth = {rule.has("from") ? small(rule, "from", 1) : 1,
                       rule.has("to") ? small(rule, "to", 1) : static_cast<std::uint32_t>(count_max)};
        const auto time = [&rule](const char* name) {
            return rule.has(name) ? from_ms(rule.number(name, 0, ms_max)) : Duration{0};
        };
        out.from = std::max(time("after_ms"), made_at(time("added_at_ms"), connections));
        if (rule.has("until_ms")) out.until = time("until_ms");
        if (rule.has("conns")) {
            for (const Json& index : rule.list("conns")) {
                if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= connections.size())
                    rule.fail("\"conns\" must be indices of the record's connections");
                out.connections.push_back(index.get<std::uint32_t>());
            }
        }
        rules.push_back(std::move(out));
    }
    return rules;
}

std::vector<SysctlChange> changes_of(const Fields& fields, const std::vector<ConnectionRecord>& connections) {
    std::vector<SysctlChange> changes;
    if (!fields.has("changes")) return changes;
    for (std::size_t i = 0; i < fields.list("changes").size(); ++i) {
        const Fields change = fields.element("changes", i);
        change.only({"at_ms", "side", "sysctl", "value"});
        const std::string side = change.text("side");
        if (side != "client" && side != "server")
            change.fail(fmt::format("\"side\" must be client or server, found \"{}\"", side));
        const Duration at = made_at(from_ms(change.number("at_ms", 0, ms_max)), connections);
        changes.push_back({at, side == "client", change.text("sysctl"), change.text("value")});
    }
    return changes;
}

std::vector<ListenerRecord> listeners_of(const Fields& fields) {
    std::vector<ListenerRecord> listeners;
    for (std::size_t i = 0; i < fields.list("listeners").size(); ++i) {
        const Fields listener = fields.element("listeners", i);
        listener.only({"port", "tfo", "backlog", "threads"});
        ListenerRecord out;
        out.port = small(listener, "port", 1);
        if (listener.has("tfo")) out.fast_open_queue = small(listener, "tfo");
        if (listener.has("backlog")) out.backlog = small(listener, "backlog");
        if (listener.has("threads")) out.accepts = listener.whole("threads", 0, count_max) != 0;
        listeners.push_back(out);
    }
    return listeners;
}

Timeline timeline_of(const Fields& fields) {
    Timeline timeline;
    timeline.id = fields.text("id");
    timeline.title = fields.text_or("title", "");
    timeline.rtt = from_ms(fields.number("rtt_ms", 0, 60'000));
    timeline.rate_bps = fields.whole("rate_bps", 0, 1'000'000'000'000);
    timeline.queue_packets = small(fields, "qpkts", 1);
    const Fields sysctl = fields.object("sysctl");
    sysctl.only({"client", "server"});
    timeline.sysctl_client = sysctls_of(sysctl.object("client"));
    timeline.sysctl_server = sysctls_of(sysctl.object("server"));
    timeline.listeners = listeners_of(fields);
    const std::size_t connections = fields.list("conns").size();
    if (connections == 0) fields.fail("\"conns\" is empty");
    for (std::size_t i = 0; i < connections; ++i) {
        const Fields connection = fields.element("conns", i);
        timeline.connections.push_back(connection_of(connection));
        for (const char* events : {"client_events", "server_events"})
            for (const AppEvent& event : events_of(connection, events)) timeline.end = std::max(timeline.end, event.at);
    }
    timeline.rules = rules_of(fields, timeline.connections);
    timeline.changes = changes_of(fields, timeline.connections);
    for (std::size_t i = 0; i < fields.list("packets").size(); ++i) {
        timeline.packets.push_back(packet_of(fields.element("packets", i), connections));
        timeline.end = std::max(timeline.end, timeline.packets.back().at);
    }
    std::stable_sort(timeline.packets.begin(), timeline.packets.end(),
                     [](const Packet& a, const Packet& b) { return a.at < b.at; });
    timeline.counters_client = fast_open_counters(fields.object("counters_client"));
    timeline.counters_server = fast_open_counters(fields.object("counters_server"));
    timeline.cookie_at_start = fields.boolean("cookie_at_start");
    return timeline;
}

} // namespace

std::optional<Duration> ConnectionRecord::time_of(const std::string& name) const {
    for (const AppEvent& event : client_events)
        if (event.name == name) return event.at;
    return std::nullopt;
}

std::vector<Timeline> parse_timelines(const std::string& text, const std::string& name) {
    std::vector<Timeline> timelines;
    for (const Piece& piece : pieces_of(text, name)) {
        const Json node = parse_json(piece.text, name, piece.line);
        timelines.push_back(timeline_of({node, name, piece.line, ""}));
        timelines.back().file = name;
        timelines.back().line = piece.line;
    }
    return timelines;
}

} // namespace firstbyte::validate
