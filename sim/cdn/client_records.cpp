// What the clients' side writes down: traces, counts of connections, outcomes of requests.
#include "cdn/client.hpp"

#include "cdn/edge.hpp"
#include "cdn/outcome.hpp"
#include "cdn/trace_addresses.hpp"

#include <fmt/format.h>

namespace firstbyte::cdn {

void ClientSlice::trace_session(Session& session, std::uint32_t link) {
    const TraceFilter& filter = context_.trace_filter;
    const std::pair own{group_, session.name.serial};
    if (!filter.chosen.empty() && !std::binary_search(filter.chosen.begin(), filter.chosen.end(), own)) return;
    const bool by_group =
        filter.group ? *filter.group == group_ : !filter.all_of_scripts || context_.world.groups[group_].scripted;
    if ((filter.chosen.empty() && !by_group) || (filter.connection && *filter.connection != session.name.serial))
        return;
    if (context_.traces.size() >= filter.most) return;
    session.trace = static_cast<std::int32_t>(context_.traces.size());
    TraceConnection trace;
    trace.member = session.plan.member;
    trace.connection = session.name.serial;
    trace.start = session.opened;
    trace.pop_id = moves_ ? context_.moving->pop_of(group_, session.place) : context_.world.groups[group_].home().pop;
    trace.rtt = path_rtt(session);
    trace.group = group_; // names are put in by the layer that knows them
    put_addresses(trace, context_.world, session.address, session.plan.script, session.reopened);
    context_.traces.push_back(std::move(trace));
    trace_event(session, "start");
    edge_.lab_of(link, group_)
        .record({session.name.group, session.name.serial, session.address, session.reopened},
                static_cast<std::size_t>(session.trace));
}

void ClientSlice::trace_event(const Session& session, const char* what) {
    if (session.trace >= 0)
        context_.traces[static_cast<std::size_t>(session.trace)].events.emplace_back(what, context_.engine.now());
}

/// A response that stopped early: its own status, and what the edge's log says of the reason.
OutcomeKey ClientSlice::cut_short(const Session& session) const {
    const OutcomeKey begun = unpack(session.outcome);
    OutcomeKey outcome{Cause::Truncated, begun.generated_by, begun.origin, session.event};
    outcome.status = begun.status;
    const auto logged = context_.truncations.find({session.name.group, session.name.serial, session.step});
    if (logged != context_.truncations.end()) outcome.behind = logged->second;
    return outcome;
}

Duration ClientSlice::path_rtt(const Session& session) const {
    const Duration rtt =
        moves_ ? context_.moving->rtt_now(group_, session.place) : context_.world.groups[group_].home().rtt;
    return rtt + context_.planner.access_delay(group_, session.plan.member);
}

/// Set-up time beyond a round trip. Model: of a path without queues and jitter.
Duration ClientSlice::penalty_of(const Session& session) const {
    return std::max(context_.engine.now() - session.opened - path_rtt(session), Duration{0});
}

/// What an established connection says about Fast Open.
void ClientSlice::count_connection(Session& session, const tcp::Connection& connection) {
    if (session.trace >= 0 && connection.fast_open() == tcp::FastOpenOutcome::DataIgnored)
        context_.traces[static_cast<std::size_t>(session.trace)].fast_open_fail =
            connection.syn_repeats() != 0 ? "syn_retransmitted" : "data_not_acked";
    if (!context_.world.in_window(session.opened)) return;
    ConnectionResults& results = context_.results.connections[session.row];
    const bool accepted = connection.fast_open() == tcp::FastOpenOutcome::DataAccepted;
    session.connect = accepted ? Duration{0} : context_.engine.now() - session.opened;
    session.accepted = accepted;
    results.connect.add(session.connect);
    if (!context_.world.fast_open_client) return;
    const auto fall_back = [&results](TfoFallback why) { ++results.fallback[static_cast<std::size_t>(why)]; };
    switch (session.attempt) {
    case tcp::FastOpenAttempt::Mode::Off:
        if (!session.plain) fall_back(TfoFallback::Unsupported);
        break;
    case tcp::FastOpenAttempt::Mode::RequestCookie:
        ++results.cookie_requested;
        if (connection.learned().held) ++results.cookie_granted;
        fall_back(connection.learned().held ? TfoFallback::FirstVisit : TfoFallback::Stripped);
        break;
    case tcp::FastOpenAttempt::Mode::Cookieless:
    case tcp::FastOpenAttempt::Mode::SendCookie:
        ++results.with_cookie;
        if (accepted) {
            ++results.syn_data_accepted;
            context_.timeline.count(context_.timeline.series().cookie_hits, session.opened);
            if (connection.syn_payload() == session.first_flight)
                ++results.saved_rtt;
            else
                fall_back(TfoFallback::DoesNotFit);
        } else {
            ++results.syn_data_ignored;
            if (connection.syn_repeats() != 0) results.tfo_penalty.add(penalty_of(session));
            fall_back(connection.syn_repeats() != 0 ? TfoFallback::Dropped
                      : connection.learned().held   ? TfoFallback::KeyMismatch
                                                    : TfoFallback::Refused);
        }
        break;
    }
}

RequestResults& ClientSlice::results_of(const Session& session) {
    return context_.results.requests[session.row * context_.world.objects.size() + session.object];
}

void ClientSlice::count_first_byte(Session& session) {
    const Instant now = context_.engine.now();
    const Duration ttfb = now - session.decided;
    session.ttfb = ttfb;
    results_of(session).ttfb.add(ttfb);
    context_.timeline.count(context_.timeline.series().first_bytes, now);
    context_.timeline.count(context_.timeline.series().ttfb_ns, now, static_cast<std::uint64_t>(ttfb.count()));
}

void ClientSlice::end_request(Session& session, const OutcomeKey& outcome, bool complete) {
    session.request_open = false;
    ++context_.results.books.requests_ended;
    context_.fingerprints[entity_].add(static_cast<std::uint64_t>(context_.engine.now().time_since_epoch().count()),
                                       (std::uint64_t{session.name.serial} << 32) | pack(outcome));
    constexpr int ok = 200;
    if (status_of(outcome) != ok || outcome.cause == Cause::Truncated)
        context_.tell(tcp::Label{group_, session.name.serial, session.step, 0, 0, 0}, [&] {
            const int status = status_of(outcome);
            return fmt::format("outcome of request {}: {}{}{}", session.step, status == 0 ? "" : std::to_string(status),
                               status == 0 ? "" : " ", firstbyte::name_of(outcome.cause));
        });
    if (!context_.world.in_window(session.decided)) return;
    RequestResults& results = results_of(session);
    if (++results.outcomes[outcome] == 1)
        context_.results.examples.try_emplace(
            outcome, Example{0, group_, session.name.serial, session.step, context_.engine.now()});
    context_.timeline.count(context_.timeline.series().outcomes[status_of(outcome)], context_.engine.now());
    if (complete) results.request_time.add(context_.engine.now() - session.decided);
    if (context_.world.records > 0 && context_.planner.recorded(session.name, session.step))
        record(session, outcome, complete);
    if (!context_.world.first_of.empty()) note_first(session, status_of(outcome));
}

void ClientSlice::record(const Session& session, const OutcomeKey& outcome, bool complete) {
    const bool opened = session.step == session.first_step; // the connection was made for it
    context_.results.records.push_back({session.row, session.name.serial, session.step, session.object, session.decided,
                                        outcome, opened ? session.connect : Duration{-1}, session.ttfb,
                                        complete ? context_.engine.now() - session.decided : Duration{-1},
                                        session.attempt == tcp::FastOpenAttempt::Mode::SendCookie, session.accepted});
}

void ClientSlice::note_first(const Session& session, int status) {
    for (const auto& [wanted, most] : context_.world.first_of) {
        if (wanted != status) continue;
        std::vector<Example>& noted = context_.results.first_of[status];
        if (noted.size() < static_cast<std::size_t>(most))
            noted.push_back({0, group_, session.name.serial, session.step, context_.engine.now()});
    }
}

void ClientSlice::finish() {
    for (Session& session : sessions_) {
        if (session.phase == Phase::Done || concede(session)) continue;
        if (waits_to_send(session)) static_cast<void>(prepare_request(session));
        if (!session.request_open) continue;
        --context_.results.books.requests_ended; // end_request() below writes it down, but it is open
        ++context_.results.books.requests_open;
        if (may_lose_pop()) find_loss(session); // a PoP that took the request and went away leaves its client waiting
        end_request(session,
                    {session.gave_up ? Cause::ClientGone : Cause::Unfinished, GeneratedBy::None, -1, session.event},
                    false);
    }
}

} // namespace firstbyte::cdn
