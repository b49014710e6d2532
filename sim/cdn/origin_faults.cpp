// How origins fail: what events do to them, and how each way of failing shows on the wire.
#include "cdn/origin.hpp"
#include "cdn/outcome.hpp"

#include <algorithm>
#include <utility>

namespace firstbyte::cdn {

namespace {

constexpr std::uint32_t alert_bytes = 7;            // TLS record with an alert (RFC 8446 sections 5.1 and 6)
constexpr std::uint32_t garbage_bytes = 64;         // model choice: a short text that is no HTTP
constexpr std::uint32_t big_header_bytes = 200'000; // model choice: above every profile's limit

} // namespace

void OriginServer::start() {
    for (const Outage& outage : context_.world.outages) {
        if (outage.origin.value != origin_) continue;
        for (const Instant at : {outage.from, outage.until})
            if (at != never) context_.engine.schedule(make_event(at, engine::EventClass::World, entity_, 0));
    }
}

/// The outage in force: the last of the file that covers this moment.
void OriginServer::apply_outages() {
    const Instant now = context_.engine.now();
    const std::optional<Mode> mode = context_.world.failure_of(origin_, now);
    for (const Outage& outage : context_.world.outages)
        if (outage.origin.value == origin_ && now >= outage.from && now < outage.until)
            header_size_ = outage.size != 0 ? outage.size : big_header_bytes;
    if (mode == mode_) return;
    const std::optional<Mode> before = std::exchange(mode_, mode); // what resumes below is to find it over
    if (before) end_outage(*before);
    if (mode_) begin_outage(*mode_);
}

void OriginServer::begin_outage(Mode mode) {
    switch (mode) {
    case Mode::DropSyn: host_.listener.mode = net::Listener::Mode::DropSyn; break;
    case Mode::Refuse: host_.stop_listening(); break;
    case Mode::NoAccept: settings_.application_accepts = false; break;
    case Mode::Drop:
        link_.impaired = true;
        link_.loss = Loss{1, 1, 0, 1};
        break;
    case Mode::PowerOff: lose_memory(); break;
    default: break; // shows when something comes
    }
    if (!resets()) return;
    for (std::uint32_t index = 0; index < peers_.size(); ++index) { // requests in service die with the process
        if (peers_[index].phase != Phase::Thinking && peers_[index].phase != Phase::Waiting) continue;
        on_connection_lost(index);
        host_.abort(index);
    }
    if (!fails(Mode::Refuse)) return; // with Reset the process lives, and its workers go on
    record_load();
    queue_.clear();
    for (std::uint32_t number = 0; number < works_.size(); ++number)
        if (works_[number].busy) free_worker(number);
}

void OriginServer::end_outage(Mode mode) {
    switch (mode) {
    case Mode::DropSyn:
    case Mode::Refuse: host_.listener.mode = net::Listener::Mode::Accept; break;
    case Mode::NoAccept:
        // Model: the process that took no connection is replaced, and what waited for it is reset.
        settings_.application_accepts = context_.world.origin.application_accepts && !host_.listener.on_demand;
        host_.stop_listening();
        host_.listener.mode = net::Listener::Mode::Accept;
        break;
    case Mode::SlowRead: // the application reads on
        for (std::uint32_t index = 0; index < peers_.size(); ++index)
            if (peers_[index].phase == Phase::Request) host_.set_reading(index, true);
        break;
    case Mode::Drop:
        link_.loss = context_.world.origins[origin_].down.loss;
        link_.impaired = context_.world.origins[origin_].down.impaired || box_.has_value();
        break;
    case Mode::PowerOff:
        powered_ = true;
        host_.power_on();
        break;
    case Mode::Silent: // what was lost stays lost; the workers that hung come back
        for (std::uint32_t number = 0; number < works_.size(); ++number)
            if (works_[number].busy && works_[number].ready.at() == never) free_worker(number);
        serve_waiting();
        break;
    default: break;
    }
}

/// What was in memory is gone: connections, requests, workers.
void OriginServer::lose_memory() {
    powered_ = false;
    for (Peer& peer : peers_) peer = Peer{};
    for (Passage& passage : passages_) passage.due.clear();
    targets_.clear();
    holding_ = 0;
    for (std::uint32_t number = 0; number < works_.size(); ++number)
        if (works_[number].busy) free_worker(number);
    record_load();
    queue_.clear();
    host_.power_off();
}

void OriginServer::restart(bool graceful) {
    if (!graceful && host_.listener.on_demand && host_.listener.mode == net::Listener::Mode::Accept) {
        host_.stop_listening(); // what waits to be accepted is reset with the process
        host_.listener.mode = net::Listener::Mode::Accept;
    }
    for (std::uint32_t index = 0; index < peers_.size(); ++index) {
        Peer& peer = peers_[index];
        if (peer.phase == Phase::Over) continue;
        if (!graceful) {
            end(index);
            host_.abort(index);
        } else if (peer.idle) {
            end(index);
            host_.close(index);
        } else {
            peer.last = true;
        }
    }
    if (graceful) return;
    for (std::uint32_t number = 0; number < works_.size(); ++number)
        if (works_[number].busy) free_worker(number);
    record_load();
    queue_.clear();
}

/// Whether a packet gets to the host at all.
bool OriginServer::lets_in(const tcp::Segment& segment, std::uint32_t pop) {
    const bool opens = segment.syn() && !segment.has_ack();
    if (!powered_ || fails(Mode::Drop)) return false;
    if (fails(Mode::NoAck) && !segment.syn() && segment.length != 0) return false;
    if (opens && (fails(Mode::Unreachable) || fails(Mode::PortUnreachable))) {
        using Kind = tcp::Segment::Unreachable;
        tcp::Segment message;
        message.flow = segment.flow;
        message.to = segment.from;
        message.unreachable = fails(Mode::Unreachable) ? Kind::Host : Kind::Port;
        static_cast<void>(context_.network.send(paths_[path_to(pop)], message));
        return false;
    }
    if (!box_ || box_->passes(segment, context_.engine.now())) return true;
    if (box_->resets()) host_.refuse(segment, path_to(pop)); // in the server's name
    return false;
}

/// A flight of the edge's TLS handshake has come. @return whether the handshake ends here
bool OriginServer::fails_in_tls(std::uint32_t index, const tcp::Label& label) {
    if (!mode_) return false;
    switch (*mode_) {
    case Mode::TlsAlert: {
        tcp::Label alert{label.group, label.session, label.request, alert_bytes, pack({Cause::TlsHandshake})};
        host_.write(index, alert_bytes, alert);
        end(index);
        host_.close(index);
        return true;
    }
    case Mode::TlsClose:
        end(index);
        host_.close(index);
        return true;
    case Mode::TlsReset:
        end(index);
        host_.abort(index);
        return true;
    case Mode::TlsHang: end(index); return true;
    default: return false;
    }
}

/// A response that is not what it should be. @param sent  bytes of it that heartbeats have sent
/// @return whether it was dealt with here
bool OriginServer::answers_badly(std::uint32_t index, const tcp::Label& good, std::uint32_t sent) {
    if (!mode_) return false;
    tcp::Label label = good;
    const std::uint32_t half_header = std::max(label.header / 2, 1u);
    const std::uint32_t half_body = label.header + (label.length - label.header) / 2;
    std::uint32_t bytes = 0;
    bool closes = false, resets_it = false;
    switch (*mode_) {
    case Mode::Garbage:
        label.length = bytes = garbage_bytes;
        label.info = pack({Cause::Malformed, GeneratedBy::Origin, static_cast<std::int32_t>(origin_)});
        closes = true;
        break;
    case Mode::CloseInHeader:
        bytes = half_header;
        closes = true;
        break;
    case Mode::ResetInHeader:
        bytes = half_header;
        resets_it = true;
        break;
    case Mode::CloseInBody:
        bytes = half_body;
        closes = true;
        break;
    case Mode::ResetInBody:
        bytes = half_body;
        resets_it = true;
        break;
    case Mode::HangInBody: bytes = half_body; break;
    case Mode::BadEncoding:
        label.info = pack({Cause::BadEncoding, GeneratedBy::Origin, static_cast<std::int32_t>(origin_)});
        respond(index, label.length - std::min(sent, label.length), label);
        return true;
    default: return false;
    }
    if (bytes > sent) host_.write(index, bytes - sent, label);
    end(index);
    if (closes) host_.close(index);
    if (resets_it) host_.abort(index);
    return true;
}

} // namespace firstbyte::cdn
