// Sections 6, 7 and 10: what became of handshakes, one of them packet by packet, and connections used again.
#include "report/format.hpp"
#include "report/html_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace firstbyte::report {
namespace {

constexpr double ns_per_ms = 1e6, ns_per_s = 1e9;

// --- round trips -----------------------------------------------------------------------------------------------------

struct Part {
    const char* label;
    const char* words;
    std::size_t colour;
};
/// In the order in which they keep a connection from gaining.
constexpr Part parts[] = {{"first_visit", "first visit: no cookie yet", 5},
                          {"unsupported", "client without Fast Open", 6},
                          {"stripped", "option stripped on the way", 3},
                          {"dropped", "SYN with data lost", 1},
                          {"does_not_fit", "first flight does not fit the SYN", 4},
                          {"key_mismatch", "cookie of another key", 0},
                          {"refused", "refused: pending limit or no cookie accepted", 7}};
constexpr std::size_t colour_saved = 2;

/// Mean round-trip time of the connections, ns: weighted by where they went.
double mean_rtt(const ResultView& view) {
    double sum = 0, weight = 0;
    for (const Json& row : view.result().at("catchment")) {
        if (row.at("variant") != view.variants().front()) continue;
        const auto count =
            static_cast<double>(view.count(0, "connections", "client=" + row.at("client").get<std::string>()));
        sum += count * row.at("rtt_ns").get<double>();
        weight += count;
    }
    return weight > 0 ? sum / weight : 0;
}

std::string saved_over_time(ResultView& view, std::size_t variant) {
    const auto opened = view.series(view.variants()[variant], "connections");
    const auto saved = view.series(view.variants()[variant], "syn_data_accepted");
    if (opened.empty() || saved.empty()) return {};
    LineChart chart;
    Curve curve{view.variants()[variant], view.compared() ? variant : colour_saved, {}, {}, false, false};
    HtmlTable table{"Saved round trips over time, " + view.variants()[variant],
                    {"from, s", "connections", "saved", "share"},
                    "rrrr"};
    const Json &all = opened.front()->at("values"), &good = saved.front()->at("values");
    double last = 0;
    std::size_t steps = 0; // until the last connection was opened
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto whole = all.at(i).get<std::uint64_t>(), part = good.at(i).get<std::uint64_t>();
        if (whole == 0) continue;
        steps = i + 1;
        const double at = view.timeline_start() + view.timeline_step() * static_cast<double>(i);
        last = ratio_of(part, whole);
        curve.points.push_back({at + view.timeline_step() / 2, 100 * last});
        table.add({{fmt::format("{:g}", at), at}, count_cell(whole), count_cell(part), share_cell(last)});
    }
    if (curve.points.size() < 2) return {};
    chart.x = time_axis(view, steps);
    chart.y = linear_axis(0, 100, "% of connections");
    chart.curves.push_back(std::move(curve));
    chart.marks = marks_within(view, chart.x);
    const std::string finding =
        fmt::format("{}: at the end {} of the connections save a round trip", view.variants()[variant], percent(last));
    chart.label = "Share of connections that save a round trip, over time. " + finding;
    return figure_html({finding, "", "", line_chart(chart), mark_list(chart.marks), &table, false});
}

std::string break_even(const ResultView& view, std::size_t variant) {
    // RFC 6298 section 2.1: the first retransmission comes after one second. A SYN with data that is lost costs that
    // much, one that arrives saves a round trip.
    constexpr double first_timeout = 1e9;
    const double rtt = mean_rtt(view);
    const std::uint64_t dropped = view.count(variant, "tfo_fallback", "why=dropped");
    const std::uint64_t tried = dropped + view.count(variant, "syn_data_accepted");
    if (rtt <= 0 || tried == 0) return {};
    return fmt::format("<p>With a mean round trip of {} Fast Open stops paying when more than {} of the SYNs with data "
                       "are lost: RTT / (RTT + 1 s), the first timeout of RFC 6298. Here {} were.</p>\n",
                       milliseconds(rtt), percent(rtt / (rtt + first_timeout)), percent_of(dropped, tried));
}

// --- one connection --------------------------------------------------------------------------------------------------

std::string flags_words(const Json& packet) {
    std::string words = packet.at("flags").get<std::string>();
    if (const std::string tfo = packet.value("tfo", ""); !tfo.empty())
        words += tfo == "cookie" ? " + cookie" : " + cookie " + tfo;
    if (const auto length = packet.at("len").get<std::int64_t>(); length > 0) words += fmt::format(" {} B", length);
    return words;
}

bool lost(const Json& packet) { return !packet.contains("arrives_ns"); }

struct Sequence {
    const Json* trace = nullptr;
    std::string variant;
    std::size_t colour = 0;
    std::vector<const Json*> packets;
};

/// Bare acknowledgements after the first byte say nothing about it.
std::vector<const Json*> shown_packets(const Json& trace, std::size_t most) {
    std::vector<const Json*> out;
    for (const Json& packet : trace.at("packets")) {
        const bool bare = packet.at("len").get<std::int64_t>() == 0 && packet.at("flags") == "A" && out.size() > 3;
        if (!bare) out.push_back(&packet);
        if (out.size() == most) break;
    }
    return out;
}

/// Both ends as two lines, time downwards, a packet as an arrow from when it is sent to when it arrives. Rows have
/// equal heights and carry their times: on a true scale the packets of one burst would lie on one another.
std::string sequence_picture(const Sequence& sequence, std::int64_t start) {
    constexpr double left = 92, right = 388, width = 480, row = 24, top = 30;
    constexpr double lost_after = 0.8; // of the way, beside the words in its middle
    std::string body = fmt::format("<text x=\"{:.0f}\" y=\"16\" text-anchor=\"middle\">{}</text><text x=\"{:.0f}\" "
                                   "y=\"16\" text-anchor=\"middle\">{}</text>\n",
                                   left, html_text(sequence.trace->value("client", "client").substr(0, 20)), right,
                                   html_text(sequence.trace->at("pop").is_string()
                                                 ? sequence.trace->at("pop").get<std::string>().substr(0, 20)
                                                 : "PoP"));
    double y = top;
    std::string arrows;
    for (const Json* packet : sequence.packets) {
        const bool up = packet->at("dir") == "up";
        const double from = up ? left : right, to = up ? right : left;
        const double end = lost(*packet) ? from + (to - from) * lost_after : to;
        const double fall = lost(*packet) ? lost_after * 12 : 12;
        const double direction = up ? -1 : 1;
        const auto at = [&](const Json& ns) {
            return fmt::format("{:.1f}", (ns.get<double>() - static_cast<double>(start)) / ns_per_ms);
        };
        arrows += fmt::format("<g><line class=\"s{0}\" x1=\"{1:.0f}\" y1=\"{2:.0f}\" x2=\"{3:.0f}\" y2=\"{4:.1f}\" "
                              "stroke=\"{5}\" stroke-width=\"1.6\"/>",
                              sequence.colour, from, y + 4, end, y + 4 + fall, chart_colour(sequence.colour));
        if (lost(*packet))
            arrows += fmt::format("<text class=\"lost\" x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\" "
                                  "fill=\"#d55e00\">\xE2\x9C\x97</text>",
                                  end, y + 16);
        else
            arrows += fmt::format("<path class=\"f{}\" d=\"M{:.0f} {:.1f}l{:.0f} -6l0 8z\" fill=\"{}\"/>",
                                  sequence.colour, end, y + 4 + fall, direction * 8, chart_colour(sequence.colour));
        arrows += fmt::format("<text class=\"halo\" x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>",
                              (left + right) / 2, y + 7, html_text(flags_words(*packet)));
        arrows += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>", up ? left - 6 : right + 6,
                              y + 8, up ? "end" : "start", at(packet->at("t_ns")));
        if (!lost(*packet))
            arrows +=
                fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>", up ? right + 6 : left - 6,
                            y + 20, up ? "start" : "end", at(packet->at("arrives_ns")));
        arrows += "</g>\n";
        y += row;
    }
    body +=
        fmt::format("<line class=\"life\" x1=\"{0:.0f}\" y1=\"22\" x2=\"{0:.0f}\" y2=\"{2:.0f}\" stroke=\"#888\"/>"
                    "<line class=\"life\" x1=\"{1:.0f}\" y1=\"22\" x2=\"{1:.0f}\" y2=\"{2:.0f}\" stroke=\"#888\"/>\n",
                    left, right, y + 8);
    return fmt::format("<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {:.0f} {:.0f}\" aria-label=\"Packets of one "
                       "connection, {}\" font-family=\"sans-serif\" font-size=\"12\">\n{}{}</svg>\n",
                       width, y + 14, html_text(sequence.variant), body, arrows);
}

std::optional<double> event_ms(const Json& trace, const std::string& name) {
    const double start = trace.value("start_ns", 0.0);
    for (const Json& event : trace.at("events"))
        if (event.at(0) == name) return (event.at(1).get<double>() - start) / ns_per_ms;
    return {};
}

std::string packet_rows(const Sequence& sequence, std::int64_t start, HtmlTable& table) {
    for (const Json& packet : sequence.trace->at("packets")) {
        const double at = (packet.at("t_ns").get<double>() - static_cast<double>(start)) / ns_per_ms;
        const bool up = packet.at("dir") == "up";
        HtmlCell arrives = text_cell("never");
        if (!lost(packet)) {
            const double ms = (packet.at("arrives_ns").get<double>() - static_cast<double>(start)) / ns_per_ms;
            arrives = {fmt::format("{:.1f}", ms), ms};
        }
        table.add({{fmt::format("{:.1f}", at), at},
                   arrives,
                   text_cell(up ? "client" : "PoP"),
                   text_cell(flags_words(packet)),
                   text_cell(packet.value("act", "forward"))});
    }
    return table.text();
}

// --- reuse -----------------------------------------------------------------------------------------------------------

struct Timeout {
    std::string words;
    double ns = 0;
};

/// Every timeout that ends idle connections of a leg, as the effective scenario has them.
std::vector<Timeout> timeouts_of(const ResultView& view, const std::string& leg) {
    const Json& effective = view.result().at("scenario").at("effective");
    std::vector<Timeout> out;
    const auto add = [&](const std::string& words, const Json* value) {
        if (const auto ns = span_ns(value)) out.push_back({words, *ns});
    };
    if (leg == "client_edge") {
        add("the edge closes: tcp.client_edge.idle_timeout", member(effective, {"tcp", "client_edge", "idle_timeout"}));
        return out;
    }
    add("the edge closes: edge.origin_pool.idle_timeout", member(effective, {"edge", "origin_pool", "idle_timeout"}));
    if (const Json* origins = member(effective, {"origins"}); origins != nullptr && origins->is_array())
        for (const Json& origin : *origins) {
            const std::string id = origin.value("id", "");
            add("origin " + id + " closes: idle_timeout", member(origin, {"idle_timeout"}));
            add("the middlebox of " + id + " forgets: flow_idle", member(origin, {"middlebox", "flow_idle"}));
        }
    return out;
}

std::string idle_figure(ResultView& view, const std::string& leg) {
    double low = 0, high = 0;
    std::vector<std::map<double, double>> bins(view.variants().size());
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        const Json* idle = view.metric(v, "idle_at_reuse", "leg=" + leg);
        if (idle == nullptr || !idle->contains("histogram")) continue;
        for (const Json& bin : idle->at("histogram").at("bins")) {
            const double s = std::max(bin.at(0).get<double>(), ns_per_ms) / ns_per_s; // below a millisecond: one
            bins[v][s] += bin.at(1).get<double>();
            low = low == 0 ? s : std::min(low, s);
            high = std::max(high, s);
        }
    }
    if (high <= 0) return {};
    const std::vector<Timeout> timeouts = timeouts_of(view, leg);
    for (const Timeout& timeout : timeouts)
        if (timeout.ns / ns_per_s < 20 * high) high = std::max(high, 1.3 * timeout.ns / ns_per_s);
    LineChart chart;
    chart.x = log_axis(low, high, "idle for, s (log scale)");
    std::vector<std::pair<std::string, std::size_t>> key;
    HtmlTable table{"Idle age at reuse, " + leg, {"up to, s", "variant", "reuses", "share"}, "rlrr"};
    double most = 0;
    constexpr int columns = 40; // of the histogram, equal on the log scale
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        std::vector<double> counts(columns);
        double total = 0;
        for (const auto& [s, count] : bins[v]) {
            const double at = std::log(s / chart.x.low) / std::log(chart.x.high / chart.x.low) * columns;
            counts[static_cast<std::size_t>(std::clamp(at, 0.0, columns - 1.0))] += count;
            total += count;
        }
        if (total == 0) continue;
        Curve curve{view.variants()[v], v, {}, {}, true, false};
        for (std::size_t i = 0; i < columns; ++i) {
            const auto edge = [&](double part) {
                return chart.x.low * std::pow(chart.x.high / chart.x.low, part / columns);
            };
            const double share = 100 * counts[i] / total;
            curve.points.push_back({edge(static_cast<double>(i)), share});
            most = std::max(most, share);
            if (counts[i] > 0)
                table.add({{fmt::format("{:.3g}", edge(static_cast<double>(i + 1))), edge(static_cast<double>(i + 1))},
                           text_cell(view.variants()[v]),
                           count_cell(static_cast<std::uint64_t>(counts[i])),
                           share_cell(counts[i] / total)});
        }
        curve.points.push_back({chart.x.high, curve.points.back().y});
        chart.curves.push_back(std::move(curve));
        key.emplace_back(view.variants()[v], v);
    }
    chart.y = linear_axis(0, most, "% of reuses");
    // A request sent within the last round trip before the other end closes meets a closed connection.
    const Json* first_byte = view.metric(0, "origin_ttfb");
    const double window = leg == "client_edge"                                   ? mean_rtt(view)
                          : first_byte != nullptr && first_byte->contains("min") ? first_byte->at("min").get<double>()
                                                                                 : 0;
    for (const Timeout& timeout : timeouts) {
        chart.marks.push_back({timeout.ns / ns_per_s, fmt::format("{:g} s: {}", timeout.ns / ns_per_s, timeout.words)});
        if (window > 0 && timeout.ns > window)
            chart.shaded.emplace_back((timeout.ns - window) / ns_per_s, timeout.ns / ns_per_s);
    }
    std::erase_if(chart.marks, [&](const Mark& mark) { return mark.at > chart.x.high || mark.at < chart.x.low; });
    std::erase_if(chart.shaded, [&](const auto& span) { return span.second > chart.x.high; });
    const Json* idle = view.metric(0, "idle_at_reuse", "leg=" + leg);
    const auto median = view.quantile(idle, 0.5);
    const std::string where = leg == "client_edge" ? "Client connections" : "Origin connections";
    const std::string finding =
        median ? fmt::format("{} used again had been idle for {:.3g} s at the median", where, *median / ns_per_s)
               : where + " used again, by how long they had been idle";
    chart.label = "Idle age of connections when they are used again. " + finding;
    std::string notes = mark_list(chart.marks);
    if (!chart.shaded.empty())
        notes += fmt::format(
            "<p class=\"note\">Grey: the race window, one round trip of {} before a close, in which a request "
            "and the close pass one another.</p>\n",
            milliseconds(window));
    return figure_html({finding, "", chart_key(key), line_chart(chart), notes, &table, false});
}

HtmlTable reuse_table(const ResultView& view) {
    HtmlTable table{"Connections used again and keepalive",
                    {"leg", "variant", "requests", "on an open connection", "share", "probes", "dead after (median)"},
                    "llrrrrr"};
    for (const char* leg : {"client_edge", "edge_origin"}) {
        for (std::size_t v = 0; v < view.variants().size(); ++v) {
            const std::string key = std::string("leg=") + leg;
            const Json* reuse = view.metric(v, "reuse", key);
            if (reuse == nullptr || reuse->value("samples", std::uint64_t{0}) == 0) continue;
            const auto dead = view.quantile(view.metric(v, "keepalive_dead_after", key), 0.5);
            table.add(
                {text_cell(leg), text_cell(view.variants()[v]), count_cell(reuse->at("samples").get<std::uint64_t>()),
                 count_cell(reuse->at("count").get<std::uint64_t>()), share_cell(reuse->at("ratio").get<double>()),
                 count_cell(view.count(v, "keepalive_probes", key)), dead ? time_cell(*dead) : text_cell("-")});
        }
    }
    return table;
}

} // namespace

std::string round_trips_section(ResultView& view) {
    std::vector<ShareRow> rows;
    std::vector<std::string> head{"connections"};
    std::vector<std::size_t> shown;
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        const std::uint64_t saved = view.count(v, "syn_data_accepted"), fell_back = view.count(v, "tfo_fallback");
        if (saved + fell_back == 0) continue;
        shown.push_back(v);
        head.push_back(view.variants()[v]);
        ShareRow row{view.variants()[v], {{"saved a round trip", colour_saved, static_cast<double>(saved)}}};
        for (const Part& part : parts)
            row.parts.push_back({part.words, part.colour,
                                 static_cast<double>(view.count(v, "tfo_fallback", std::string("why=") + part.label))});
        rows.push_back(std::move(row));
    }
    if (rows.empty()) return {};
    HtmlTable table{"What became of the handshakes", head, "l" + std::string(shown.size(), 'r')};
    std::vector<std::pair<std::string, std::size_t>> key;
    for (std::size_t i = 0; i < rows.front().parts.size(); ++i) {
        std::vector<HtmlCell> cells{text_cell(rows.front().parts[i].name)};
        double any = 0;
        for (const ShareRow& row : rows) {
            cells.push_back(count_cell(static_cast<std::uint64_t>(row.parts[i].value)));
            any += row.parts[i].value;
        }
        table.add(std::move(cells));
        if (any > 0) key.emplace_back(rows.front().parts[i].name, rows.front().parts[i].colour);
    }
    const std::size_t last = shown.back();
    const std::uint64_t saved = view.count(last, "syn_data_accepted");
    const std::uint64_t all = saved + view.count(last, "tfo_fallback");
    const std::string finding =
        fmt::format("{}: {} of the connections saved a round trip", view.variants()[last], percent_of(saved, all));
    std::string out = "<div class=\"two\">\n" +
                      figure_html({finding, "", chart_key(key), share_chart("Shares of connections. " + finding, rows),
                                   "", &table, true});
    for (const std::size_t v : shown) out += saved_over_time(view, v);
    out += "</div>\n";
    const std::uint64_t connections = view.count(last, "connections"), requests = view.count(last, "outcome");
    if (connections > 0 && requests > 0)
        out +=
            fmt::format("<p>{:.2f} requests for each connection: a round trip saved at its start is {:.2f} of one for "
                        "each request.</p>\n",
                        ratio_of(requests, connections), ratio_of(connections, requests));
    return out + break_even(view, last);
}

std::string connection_section(ResultView& view) {
    constexpr std::size_t packets_max = 40; // the set-up and the first bytes
    constexpr std::size_t shown_max = 4;    // variants side by side
    std::vector<Sequence> sequences;
    for (const Json& trace : view.result().at("traces")) {
        if (!trace.contains("packets") || trace.at("packets").empty()) continue;
        const std::string variant = trace.value("variant", view.variants().front());
        const auto number = std::find(view.variants().begin(), view.variants().end(), variant);
        const bool known = std::any_of(sequences.begin(), sequences.end(),
                                       [&](const Sequence& one) { return one.variant == variant; });
        if (known || number == view.variants().end()) continue;
        sequences.push_back({&trace, variant, static_cast<std::size_t>(number - view.variants().begin()),
                             shown_packets(trace, packets_max)});
    }
    if (sequences.empty()) return {};
    sequences.resize(std::min(sequences.size(), shown_max));
    std::string out = "<div class=\"two\">\n";
    for (const Sequence& sequence : sequences) {
        const Json& trace = *sequence.trace;
        const auto start = trace.value("start_ns", std::int64_t{0});
        const auto first_byte = event_ms(trace, "first_byte");
        std::string finding = view.compared() ? sequence.variant + ": " : "";
        finding += first_byte ? fmt::format("first byte after {:.1f} ms", *first_byte) : "no first byte";
        HtmlTable table{
            "Packets, " + sequence.variant, {"sent, ms", "arrives, ms", "by", "packet", "on the way"}, "rrlll"};
        out += "<figure><figcaption>" + html_sentence(finding) + "</figcaption>\n<div class=\"plot\">" +
               sequence_picture(sequence, start) + "</div>\n" +
               html_details("Data", packet_rows(sequence, start, table)) + "</figure>\n";
    }
    const Json& trace = *sequences.front().trace;
    return out + "</div>\n" +
           fmt::format(
               "<p class=\"note\">Connection {} of {}, replication 0; times in ms from its SYN. The same client and "
               "the same arrival in every variant. {} writes it for Wireshark.</p>\n",
               trace.value("connection", 0), html_text(trace.value("client", "")),
               html_code(fmt::format("firstbyte trace FILE --client {} --conn {} -o trace.pcapng",
                                     trace.value("client", ""), trace.value("connection", 0))));
}

std::string reuse_section(ResultView& view) {
    const std::string figures = idle_figure(view, "client_edge") + idle_figure(view, "edge_origin");
    const HtmlTable table = reuse_table(view);
    std::uint64_t reused = 0, probes = 0;
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        reused += view.count(v, "reuse");
        probes +=
            view.count(v, "keepalive_probes", "leg=client_edge") + view.count(v, "keepalive_probes", "leg=edge_origin");
    }
    if (reused + probes == 0) return {};
    std::string answers;
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        const std::uint64_t yes = view.count(v, "keepalive_probes", "answer=answered");
        const std::uint64_t no = view.count(v, "keepalive_probes", "answer=unanswered");
        if (yes + no > 0)
            answers += fmt::format("<p>{}: {} keepalive probes answered, {} not.</p>\n", html_text(view.variants()[v]),
                                   grouped(yes), grouped(no));
    }
    return (figures.empty() ? "" : "<div class=\"two\">\n" + figures + "</div>\n") + table.text() + answers;
}

} // namespace firstbyte::report
