// A balancer before the servers: its own pool of connections to them, and its own race with their idle timeout.
#include "cdn/origin.hpp"
#include "cdn/origin_kinds.hpp"

namespace firstbyte::cdn {

namespace {

constexpr std::uint16_t bad_gateway = 502; // RFC 9110 section 15.6.3

} // namespace

/// The balancer uses the idle connection that it used last, or opens one: a round trip more. It does not repeat a
/// request whose connection the server has closed meanwhile, but answers 502 (AWS, "Troubleshoot your Application Load
/// Balancers", HTTP 502: the target closed the connection while the load balancer had an outstanding request to it).
/// Model: connections between balancer and servers lose nothing, and requests and responses take half their round trip
/// whatever their size. Heartbeats pass at once.
void OriginServer::pass_balancer(std::uint32_t index) {
    const Balancer& balancer = *context_.world.origins[origin_].balancer;
    const Instant now = context_.engine.now();
    const Duration there = balancer.target_rtt / 2, back = balancer.target_rtt - there;
    if (passages_.size() <= index) passages_.resize(index + 1);
    Passage& passage = passages_[index];
    Instant due = now + there;
    passage.leg = Passage::Leg::ToServer;
    if (const std::optional<Instant> read_last = take_target()) {
        // The server's timeout runs from its last byte, which it sent `back` before the balancer read it.
        const Instant closes = *read_last - back + balancer.target_idle;
        if (now + there >= closes) {
            passage.leg = Passage::Leg::Stale;
            due = now + balancer.target_rtt; // when the RST is here
        }
    } else {
        due += balancer.target_rtt;
    }
    peers_[index].phase = Phase::Waiting;
    passage.due.set(context_.engine, entity_, origin_object(kind_balancer, index), due);
}

/// The idle connection used last: when the balancer last read from it. Those whose FIN has come are gone.
std::optional<Instant> OriginServer::take_target() {
    const Duration idle = context_.world.origins[origin_].balancer->target_idle;
    while (!targets_.empty() && targets_.front() + idle <= context_.engine.now()) targets_.pop_front();
    if (targets_.empty()) return std::nullopt;
    const Instant last = targets_.back();
    targets_.pop_back();
    return last;
}

/// A server has made a response, which goes back to the balancer.
void OriginServer::come_back(const Work& work) {
    const Duration rtt = context_.world.origins[origin_].balancer->target_rtt;
    const std::uint32_t index = work.peer.index;
    Passage& passage = passages_[index];
    passage.leg = Passage::Leg::ToClient;
    passage.work = work;
    passage.due.set(context_.engine, entity_, origin_object(kind_balancer, index),
                    context_.engine.now() + (rtt - rtt / 2));
}

void OriginServer::on_passage(std::uint32_t index) {
    Passage& passage = passages_[index];
    switch (passage.leg) {
    case Passage::Leg::ToServer: wait_for_worker(index); break;
    case Passage::Leg::ToClient: {
        const Work work = passage.work; // a copy: the answer may bring the next request
        targets_.push_back(context_.engine.now());
        answer(index, work);
        break;
    }
    case Passage::Leg::Stale: send_error(index, bad_gateway); break;
    }
}

} // namespace firstbyte::cdn
