// What Linux counts of Fast Open, and what it concludes from how such connections go (net/ipv4/tcp_fastopen.c).
#include "net/host.hpp"

namespace firstbyte::net {

using tcp::FastOpenOutcome;

void Host::count(Counter counter, std::uint32_t path, const tcp::FlowName& flow) {
    ++(counters.*counter);
    const Path& out = paths_[path];
    if (out.lab == 0) return;
    TraceConnection* trace = network_.lab(out.lab).recording_of(flow);
    if (trace == nullptr) return;
    FastOpenCounters& side = out.up ? trace->counters_client : trace->counters_server;
    ++(side.*counter);
}

void Host::count(Counter counter, std::uint32_t index) {
    const tcp::Connection& connection = connections_[index];
    count(counter, connection.path, connection.flow());
}

/// The SYN-ACK has come (Linux tcp_rcv_fastopen_synack).
void Host::on_connected(std::uint32_t index) {
    const Watch& watch = watches_[index];
    if (watch.mode == tcp::FastOpenAttempt::Mode::Off) return;
    const tcp::Connection& connection = connections_[index];
    tcp::FastOpenHandshake handshake;
    handshake.mode = watch.mode;
    handshake.experimental = watch.experimental;
    handshake.sent_data = connection.syn_payload() != 0;
    handshake.data_acked = connection.fast_open() == FastOpenOutcome::DataAccepted;
    handshake.syn_repeated = connection.syn_repeats() != 0;
    const tcp::CookieEntry& learned = connection.learned();
    handshake.peer_mss = learned.mss;
    if (learned.held) handshake.offer = {tcp::cookie_length, learned.cookie, learned.experimental};
    fast_open.learn(watch.client, network_.now(), handshake);
    if (handshake.sent_data)
        count(handshake.data_acked ? &FastOpenCounters::active : &FastOpenCounters::active_fail, index);
}

/// The third timeout in a row, or an earlier one with which the connection was given up, counts against Fast Open: in
/// the handshake and after it, at the client and at a server that took SYN data (tcp_fastopen_active_detect_blackhole;
/// measured on 6.18: bh_after_handshake, bh_grow_2, bh_ofo_fin).
void Host::on_timeouts(std::uint32_t index) {
    if (!watches_[index].counts_timeouts) return;
    count(&FastOpenCounters::active_fail, index);
    suspect_blackhole(index);
}

/// A RST in the window but not at its edge, with nothing received before: something in between may have swallowed the
/// rest (Linux tcp_validate_incoming). One outside the window makes no challenge ACK and says nothing.
void Host::on_reset_ignored(std::uint32_t index) {
    const bool challenged = !network_.step.segments().empty();
    if (watches_[index].judged_at_end && challenged && !connections_[index].received_data()) suspect_blackhole(index);
}

/// The socket is freed (Linux tcp_fastopen_active_disable_ofo_check).
void Host::on_end(std::uint32_t index) {
    Watch& watch = watches_[index];
    watch.judged_at_end = false;
    const tcp::Connection& connection = connections_[index];
    if (connection.received_data()) {
        if (watch.probing) fast_open.end_of_suspicion(watch.client);
    } else if (connection.only_fin_out_of_order()) {
        suspect_blackhole(index);
    }
}

/// Model: at a server that also opens connections Linux pauses those too; here only the counter of a server moves.
void Host::suspect_blackhole(std::uint32_t index) {
    const Watch& watch = watches_[index];
    const bool pauses = watch.active ? fast_open.pause(watch.client, network_.now())
                                     : listener.settings->blackhole_timeout != Duration{0};
    if (pauses) count(&FastOpenCounters::blackhole, index);
}

} // namespace firstbyte::net
