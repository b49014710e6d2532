// Workers and what they make: waiting, service, heartbeats, responses.
#include "cdn/origin.hpp"
#include "cdn/origin_kinds.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"
#include "core/mix.hpp"

#include <algorithm>

namespace firstbyte::cdn {

namespace {

constexpr std::uint16_t ok = 200, unavailable = 503, bad_gateway = 502, gateway_timeout = 504; // RFC 9110 section 15

/// Bytes of the page that an origin answers with when no worker does. Model choice: a short body; one segment.
constexpr std::uint32_t error_bytes = 500;

std::uint32_t outcome_of(std::uint16_t status, std::uint32_t origin) {
    const bool failed = status == bad_gateway || status == gateway_timeout;
    OutcomeKey outcome{failed ? Cause::OriginFailed : Cause::OriginReplied, GeneratedBy::Origin,
                       static_cast<std::int32_t>(origin)};
    if (status != ok) outcome.status = status;
    return pack(outcome);
}

} // namespace

/// First come, first served; beyond the queue's length a request is turned away at once.
void OriginServer::wait_for_worker(std::uint32_t index) {
    const Origin& origin = context_.world.origins[origin_];
    const Waiting request{host_.slot_at(index), peers_[index].label, peers_[index].arrived};
    if (origin.workers == 0 || origin.worker_per_connection || busy_ < origin.workers) return begin(request);
    if (queue_.size() >= origin.queue) return reject(index);
    peers_[index].phase = Phase::Waiting;
    record_load();
    queue_.push_back(request);
}

void OriginServer::begin(const Waiting& request) {
    const Instant now = context_.engine.now();
    const bool waits = host_.live(request.peer);
    if (waits) peers_[request.peer.index].phase = Phase::Thinking;
    record_load();
    ++busy_;
    if (idle_workers_.empty()) {
        idle_workers_.push_back(static_cast<std::uint32_t>(works_.size()));
        works_.emplace_back();
    }
    const std::uint32_t number = idle_workers_.back();
    idle_workers_.pop_back();
    Work& work = works_[number];
    work.peer = waits ? request.peer : Slot{};
    work.label = request.label;
    work.beats = work.beats_sent = 0;
    work.busy = true;
    count_execution(request.label);
    if (context_.world.in_window(now)) context_.results.origins[origin_].wait.add(now - request.arrived);
    if (fails(Mode::Silent)) return; // the kernel acknowledges, the application never answers
    const Duration service = context_.planner.service_time({origin_}, {request.label.group, request.label.session},
                                                           request.label.request, now);
    if (service == Duration{0}) return on_ready(number);
    const Origin& origin = context_.world.origins[origin_];
    if (origin.heartbeat != Duration{0}) {
        work.beats =
            static_cast<std::uint32_t>((service - Duration{1}) / origin.heartbeat); // before the response is made
        if (work.beats != 0 && !origin.buffering)
            work.heartbeat.set(context_.engine, entity_, origin_object(kind_heartbeat, number), now + origin.heartbeat);
    }
    work.ready.set(context_.engine, entity_, origin_object(kind_ready, number), now + service);
}

/// Writes down what held since the last change. Call before every change of the workers at work and of the queue.
void OriginServer::record_load() {
    const Instant now = context_.engine.now();
    TimelineRecorder& timeline = context_.timeline;
    timeline.hold(timeline.series().origin_busy[origin_], load_since_, now, busy_);
    timeline.hold(timeline.series().origin_queue[origin_], load_since_, now, queue_.size());
    load_since_ = now;
}

void OriginServer::free_worker(std::uint32_t number) {
    Work& work = works_[number];
    FB_ASSERT(work.busy && busy_ != 0, "a worker that is at work is freed");
    work.ready.clear();
    work.heartbeat.clear();
    work.busy = false;
    idle_workers_.push_back(number);
    record_load();
    --busy_;
}

/// Counts how often requests are begun: a repetition by the edge, by the client, or by a replayed SYN runs twice what
/// the user asked for once.
void OriginServer::count_execution(const tcp::Label& label) {
    if (!context_.world.in_window(context_.engine.now())) return;
    OriginResults& results = context_.results.origins[origin_];
    ++results.executions;
    if (!context_.may_repeat) return;
    // Model: a key of 64 bits stands for the request's name; two requests in ten million share one with odds of 1 to
    // 10^5.
    const std::uint64_t name = mix64(mix64((std::uint64_t{label.group} << 32) | label.session) + label.request);
    if (++context_.executed[name] == 1) return;
    ++results.executed_again;
    if (!context_.planner.request({label.group, label.session}, label.request).idempotent) ++results.repeated_unsafe;
}

tcp::Label OriginServer::response_label(const tcp::Label& request, std::uint32_t beats) const {
    const Origin& origin = context_.world.origins[origin_];
    const SessionName name{request.group, request.session};
    tcp::Label label = request;
    label.header = fails(Mode::BigHeader) ? header_size_ : origin.header;
    label.length = std::max(context_.planner.request(name, request.request).response_bytes, label.header);
    // A response is at least its header; an ordinary header is part of the response's size, a fault's stands before it.
    if (!fails(Mode::BigHeader)) label.header = std::min(label.header, label.length);
    label.length += beats * origin.heartbeat_bytes;
    label.info = outcome_of(context_.planner.origin_status({origin_}, name, request.request), origin_);
    return label;
}

void OriginServer::on_heartbeat(std::uint32_t number) {
    Work& work = works_[number];
    if (!host_.live(work.peer) || fails(Mode::Silent)) return;
    const Origin& origin = context_.world.origins[origin_];
    const tcp::Label label = response_label(work.label, work.beats);
    const std::uint32_t header = work.beats_sent == 0 ? label.header : 0;
    ++work.beats_sent;
    if (work.beats_sent < work.beats)
        work.heartbeat.set(context_.engine, entity_, origin_object(kind_heartbeat, number),
                           context_.engine.now() + origin.heartbeat);
    host_.write(work.peer.index, header + origin.heartbeat_bytes, label);
}

/// The response is made: the worker is free again.
void OriginServer::on_ready(std::uint32_t number) {
    const Work work = works_[number]; // a copy: the worker may get new work below
    if (fails(Mode::Silent)) return;  // what was in service when the silence began is never answered
    free_worker(number);
    if (tcp::known(work.peer) && host_.live(work.peer) && peers_[work.peer.index].phase == Phase::Thinking) {
        if (context_.world.origins[origin_].balancer)
            come_back(work);
        else
            answer(work.peer.index, work);
    }
    serve_waiting();
}

/// Free workers begin with the requests that have waited longest.
void OriginServer::serve_waiting() {
    const std::uint32_t workers = context_.world.origins[origin_].workers;
    while (!queue_.empty() && busy_ < workers) {
        const Waiting next = queue_.front();
        record_load();
        queue_.pop_front();
        begin(next);
    }
}

void OriginServer::answer(std::uint32_t index, const Work& work) {
    const Origin& origin = context_.world.origins[origin_];
    const tcp::Label label = response_label(work.label, work.beats);
    std::uint32_t sent = 0;
    if (work.beats_sent != 0) sent = label.header + work.beats_sent * origin.heartbeat_bytes;
    if (!answers_badly(index, label, sent)) respond(index, label.length - std::min(sent, label.length), label);
}

void OriginServer::reject(std::uint32_t index) {
    if (context_.world.in_window(context_.engine.now())) ++context_.results.origins[origin_].rejected;
    send_error(index, unavailable);
}

/// A whole response that no worker makes.
void OriginServer::send_error(std::uint32_t index, std::uint16_t status) {
    tcp::Label label = peers_[index].label;
    label.length = error_bytes;
    label.header = std::min(context_.world.origins[origin_].header, error_bytes);
    label.info = outcome_of(status, origin_);
    respond(index, error_bytes, label);
}

/// The rest of a response, and what becomes of the connection.
void OriginServer::respond(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    Peer& peer = peers_[index];
    peer.phase = Phase::Request;
    peer.request_left = 0;
    ++peer.served;
    const std::uint32_t most = context_.world.origins[origin_].requests_per_connection;
    const bool last = peer.last || (most != 0 && peer.served >= most);
    host_.write(index, bytes, label);
    if (!last) return become_idle(index);
    end(index);
    host_.close(index);
}

} // namespace firstbyte::cdn
