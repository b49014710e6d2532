// Clients that wait only so long.
#include "cdn/client.hpp"
#include "cdn/outcome.hpp"

#include <algorithm>

namespace firstbyte::cdn {

/// Bytes of the current request that the client really sends: a script may stop short of what its header announces.
std::uint32_t ClientSlice::bytes_to_send(const Session& session) const {
    if (session.plan.script == nullptr) return session.request_bytes;
    return context_.planner.request(session.name, session.step).sent_bytes;
}

/// The deadline of the current request runs from the decision to send it, over repetitions.
void ClientSlice::watch_patience(std::uint32_t index, Session& session) {
    const Duration deadline = context_.world.groups[group_].deadline;
    if (deadline == Duration{0}) return;
    session.patience.set(context_.engine, entity_, client_object(kind_patience, index),
                         std::max(session.decided + deadline, context_.engine.now()));
}

/// The client closes its side. Whether the edge was still at the request is for the edge to say: it logs 499 and closes
/// without a byte, or what it had answered arrives. Before the request could leave, the edge logs nothing.
/// Model: a request that has left on an established connection counts as one that reached the edge.
void ClientSlice::lose_patience(std::uint32_t index, Session& session) {
    if (session.phase == Phase::Closing || session.phase == Phase::Done) return;
    if (!session.request_open && !waits_to_send(session)) return;
    if (session.rival != none) { // of two that race the one whose request has left speaks for it
        const bool has_left = session.request_open && session.phase == Phase::Waiting;
        if (!has_left && concede(session)) return close_session(index, session);
        close_rival(session);
    }
    if (session.trace >= 0) context_.traces[static_cast<std::size_t>(session.trace)].error = "deadline";
    if (session.received != 0) { // the body is on its way: the edge's log has its status
        OutcomeKey outcome = unpack(session.outcome);
        outcome.behind = Cause::ClientTimeout;
        end_request(session, outcome, false);
        close_session(index, session);
        return;
    }
    if (session.request_open && session.phase == Phase::Waiting) {
        session.gave_up = true;
        session.deadline.clear();
        if (!session.gone) host_.half_close(index);
        return;
    }
    if (!session.request_open) static_cast<void>(prepare_request(session)); // the request it was opened for
    end_request(session, {Cause::ClientTimeout, GeneratedBy::None, -1, session.event}, false);
    close_session(index, session);
}

} // namespace firstbyte::cdn
