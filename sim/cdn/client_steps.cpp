// The steps of a session: requests with pauses between them, and what a script's connection does otherwise.
#include "cdn/client.hpp"

#include "cdn/edge.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

namespace firstbyte::cdn {

void ClientSlice::begin_step(std::uint32_t index, Session& session) {
    const ScriptConnection* script = session.plan.script;
    if (session.step >= session.plan.requests) {
        hold(index, session);
        return;
    }
    if (script != nullptr && script->steps[session.step].kind != ScriptStep::Kind::Request) {
        begin_script_step(index, session, script->steps[session.step]);
        return;
    }
    session.decided = context_.engine.now();
    if (session.error != nullptr) { // found now that the client writes
        static_cast<void>(prepare_request(session));
        fail_session(session, session.cause, session.error);
        settle(index, session);
        return;
    }
    send_request(index, session, 0);
    if (session.end_of_file) on_end_of_file(index, session); // found now that the client reads
}

void ClientSlice::begin_script_step(std::uint32_t index, Session& session, const ScriptStep& step) {
    switch (step.kind) {
    case ScriptStep::Kind::Request: return;
    case ScriptStep::Kind::Idle: pause(index, session, step.idle); return;
    case ScriptStep::Kind::Unread:
        host_.set_reading(index, false);
        pause(index, session, step.idle);
        return;
    case ScriptStep::Kind::HalfClose:
        if (!session.gone) host_.half_close(index);
        ++session.step;
        begin_step(index, session);
        return;
    case ScriptStep::Kind::Abort: abort_session(index, session); return;
    }
}

void ClientSlice::pause(std::uint32_t index, Session& session, Duration length) {
    session.phase = Phase::Pause;
    session.deadline.set(context_.engine, entity_, client_object(kind_session, index), context_.engine.now() + length);
}

/// After its last step a script's connection stays open for a while, and is read from: an end of file or an error ends
/// it at once.
void ClientSlice::hold(std::uint32_t index, Session& session) {
    const Duration length = session.plan.script != nullptr ? session.plan.script->hold : Duration{0};
    if (length == Duration{0} || session.end_of_file) {
        close_session(index, session);
    } else if (session.error != nullptr) {
        fail_session(session, session.cause, session.error);
        settle(index, session);
    } else {
        pause(index, session, length);
    }
}

void ClientSlice::next_step(std::uint32_t index, Session& session) {
    ++session.step;
    if (session.plan.script != nullptr || session.step >= session.plan.requests) {
        begin_step(index, session);
        return;
    }
    pause(index, session, context_.planner.think_time(session.name, session.step));
}

/// In a rest of its script a client neither reads nor looks for errors: it finds them with its next call.
bool ClientSlice::looks_away(const Session& session) const {
    if (session.phase == Phase::Answered) return true;
    return session.plan.script != nullptr && session.phase == Phase::Pause && session.step < session.plan.requests;
}

/// Whether the step after this one reads: a close or a reset leaves unread what has come too much.
bool ClientSlice::reads_on(const Session& session) const {
    const ScriptConnection* script = session.plan.script;
    const std::uint32_t next = session.step + 1;
    if (next >= session.plan.requests) return script->hold != Duration{0};
    return script->steps[next].kind != ScriptStep::Kind::Unread && script->steps[next].kind != ScriptStep::Kind::Abort;
}

void ClientSlice::on_deadline(std::uint32_t index, Session& session) {
    if (session.phase == Phase::Answered) {
        session.phase = Phase::Waiting;
        if (reads_on(session) && !session.gone) host_.set_reading(index, true);
        next_step(index, session);
    } else if (session.phase == Phase::Pause)
        on_pause_over(index, session);
    else
        on_read_deadline(index, session);
}

void ClientSlice::on_pause_over(std::uint32_t index, Session& session) {
    if (looks_away(session)) {
        if (reads_on(session) && !session.gone) host_.set_reading(index, true);
        session.phase = Phase::Waiting;
        next_step(index, session);
        return;
    }
    if (session.step >= session.plan.requests) { // the hold is over
        close_session(index, session);
        return;
    }
    begin_step(index, session);
}

/// SO_RCVTIMEO: each read waits that long at most. Model: counted from the last byte of data, or from the request.
void ClientSlice::wait_for_data(std::uint32_t index, Session& session) {
    if (session.plan.script == nullptr || !session.plan.script->read_deadline) return;
    if (session.phase == Phase::Closing || session.phase == Phase::Done) return;
    session.deadline.set(context_.engine, entity_, client_object(kind_session, index),
                         context_.engine.now() + *session.plan.script->read_deadline);
}

/// Model: the request counts as one that timed out; the connection is closed like any other.
void ClientSlice::on_read_deadline(std::uint32_t index, Session& session) {
    if (session.phase == Phase::Closing || session.phase == Phase::Done) return;
    if (session.trace >= 0) context_.traces[static_cast<std::size_t>(session.trace)].error = "EAGAIN";
    static_cast<void>(blame(session, Cause::ConnectionTimeout));
    if (session.request_open)
        end_request(session,
                    session.received != 0 ? cut_short(session)
                                          : OutcomeKey{Cause::ConnectionTimeout, GeneratedBy::None, -1, session.event},
                    false);
    close_session(index, session);
}

void ClientSlice::half_close_behind_request(std::uint32_t index, const Session& session) {
    const ScriptConnection* script = session.plan.script;
    if (script != nullptr && script->steps[session.step].half_close) host_.half_close(index);
}

void ClientSlice::on_end_of_file(std::uint32_t index, Session& session) {
    if (session.phase == Phase::Pause) continue_later(session);
    if (session.phase == Phase::Closing || session.phase == Phase::Done) return;
    const bool alone = !concede(session);
    if (alone && session.in_books) static_cast<void>(prepare_request(session)); // its rival has failed before
    if (session.request_open) {
        const Cause cause = blame(session, Cause::EndOfFile); // an old PoP's idle timeout, when requests go elsewhere
        end_request(session,
                    session.received != 0
                        ? cut_short(session)
                        : OutcomeKey{session.gave_up ? Cause::ClientGone : cause, GeneratedBy::None, -1, session.event},
                    false);
    }
    close_session(index, session);
}

void ClientSlice::on_error(Session& session, Cause cause, const char* error) {
    session.cause = cause = blame(session, cause);
    session.error = error;
    if (!looks_away(session)) fail_session(session, cause, error);
}

void ClientSlice::close_session(std::uint32_t index, Session& session) {
    if (!let_go(session)) return;
    if (!session.gone) host_.close(index);
    settle(index, session);
}

/// RST in place of FIN, and nothing more.
void ClientSlice::abort_session(std::uint32_t index, Session& session) {
    if (!let_go(session)) return;
    if (!session.gone) host_.abort(index);
    settle(index, session);
}

/// The client is about to close its socket. @return false when it has done so before
bool ClientSlice::let_go(Session& session) {
    if (session.phase == Phase::Closing || session.phase == Phase::Done) return false;
    FB_ASSERT(session.rival == none, "a connection that races leaves its request to the other one before it closes");
    session.phase = Phase::Closing;
    session.deadline.clear();
    session.patience.clear();
    trace_event(session, "closed");
    schedule_after(session);
    return true;
}

/// What could not be settled while the client looked away: its connection had ended before it did.
void ClientSlice::settle(std::uint32_t index, Session& session) {
    if (session.finished) session_over(session);
    if (!session.gone) return;
    session_over(session);
    release(index);
}

} // namespace firstbyte::cdn
