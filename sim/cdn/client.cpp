#include "cdn/client.hpp"

#include "cdn/edge.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

namespace firstbyte::cdn {

namespace {

/// A session has a request to send as soon as it may, unless its script waits first.
bool starts_with_request(const SessionPlan& plan) {
    if (plan.script == nullptr) return true;
    return !plan.script->steps.empty() && plan.script->steps.front().kind == ScriptStep::Kind::Request;
}

} // namespace

ClientSlice::ClientSlice(Context& context, std::uint32_t group, EdgeServer& edge)
    : context_(context), group_(group), entity_(context.entity_of_group(group)), edge_(edge),
      host_(context.network, entity_, 0, edge.paths()), settings_(context.world.groups[group].client),
      moves_(context.world.groups[group].moves()) {
    const Group& g = context.world.groups[group];
    set_fast_open(context.world.client.fast_open);
    host_.fast_open = tcp::FastOpenClients(g.population, context.world.client);
    links_.resize(g.population, 0);
    if (!g.cookie_held) return;
    for (std::uint32_t member = 0; member < g.population; ++member) {
        const SipKey key = context.planner.cookie_key(context.world.pops[g.home().pop.value].key_index, 0);
        host_.fast_open.entry(member) = {tcp::make_cookie(key, address_of(member, 0), context.world.service_address),
                                         static_cast<std::uint16_t>(context.world.edge.mss), true};
    }
}

void ClientSlice::set_fast_open(bool on) {
    fast_open_on_ = on;
    const std::vector<ScriptConnection>& script = context_.world.groups[group_].script;
    for (std::size_t entry = 0; entry < settings_.size(); ++entry) {
        const bool wanted = script.empty() || script[entry].tcp.fast_open != ConnectionTcp::FastOpenUse::Off;
        settings_[entry].fast_open = on && wanted;
    }
}

void ClientSlice::end_path_rules() {
    for (const std::uint32_t link : links_)
        if (link != 0) edge_.end_rules(link - 1);
}

/// MSG_FASTOPEN where the client's kernel has no Fast Open: EOPNOTSUPP, and no packet.
bool ClientSlice::cannot_open(const Session& session) const {
    using Use = ConnectionTcp::FastOpenUse;
    if (session.plan.script == nullptr) return false;
    const std::optional<Use> use = session.plan.script->tcp.fast_open;
    if (use != Use::On && use != Use::Cookieless) return false;
    return !fast_open_on_ || !context_.planner.supports_fast_open(group_, session.plan.member);
}

void ClientSlice::start() {
    const Group& g = context_.world.groups[group_];
    if (!g.scripted) {
        const Instant first = context_.planner.arrival(group_, 0, Instant{});
        if (first >= context_.world.end()) return;
        ++context_.sources;
        context_.engine.schedule(make_event(first, engine::EventClass::Other, entity_, client_object(kind_arrival, 0)));
        return;
    }
    const auto entries = static_cast<std::uint32_t>(g.script.size());
    for (std::uint32_t serial = 0; serial < entries * g.population; ++serial) {
        ++context_.sources;
        const ScriptConnection& entry = g.script[serial % entries];
        if (entry.start == ScriptConnection::Start::At)
            context_.engine.schedule(make_event(Instant{entry.offset}, engine::EventClass::Other, entity_,
                                                client_object(kind_script, serial)));
    }
}

void ClientSlice::on_event(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    switch (object >> 32) {
    case kind_arrival: arrive(); return;
    case kind_script: start_script_entry(index); return;
    case kind_reopen: reopen(index); return;
    default: break;
    }
    Session& session = sessions_[index];
    if ((object >> 32) == kind_patience) {
        if (session.patience.fired(context_.engine, entity_, object)) lose_patience(index, session);
        return;
    }
    if (session.deadline.fired(context_.engine, entity_, object)) on_deadline(index, session);
}

void ClientSlice::arrive() {
    const SessionName name{group_, static_cast<std::uint32_t>(arrivals_)};
    const Instant next = context_.planner.arrival(group_, ++arrivals_, context_.engine.now());
    if (next < context_.world.end())
        context_.engine.schedule(make_event(next, engine::EventClass::Other, entity_, client_object(kind_arrival, 0)));
    else
        --context_.sources;
    open_session({name});
}

void ClientSlice::start_script_entry(std::uint32_t serial) {
    const std::vector<ScriptConnection>& script = context_.world.groups[group_].script;
    const auto entries = static_cast<std::uint32_t>(script.size());
    const std::uint32_t own = serial % entries;
    for (std::uint32_t other = 0; other < entries; ++other) // those that start with this one
        if (script[other].start == ScriptConnection::Start::With && script[other].with == own)
            context_.engine.schedule(make_event(context_.engine.now() + script[other].offset, engine::EventClass::Other,
                                                entity_, client_object(kind_script, serial - own + other)));
    --context_.sources;
    open_session({{group_, serial}});
}

/// The script entry that waits for this session's end, if any.
void ClientSlice::schedule_after(const Session& session) {
    const Group& g = context_.world.groups[group_];
    if (!g.scripted) return;
    const auto next = static_cast<std::uint32_t>(session.name.serial % g.script.size() + 1);
    if (next == g.script.size() || g.script[next].start != ScriptConnection::Start::After) return;
    context_.engine.schedule(make_event(context_.engine.now() + g.script[next].offset, engine::EventClass::Other,
                                        entity_, client_object(kind_script, session.name.serial + 1)));
}

void ClientSlice::open_session(const Opening& opening) {
    if (context_.world.groups[group_].race)
        race(opening);
    else
        dial(opening, Dial::AsSet);
}

/// How a client's kernel would use Fast Open on its next connection.
tcp::FastOpenAttempt ClientSlice::attempt_of(SessionName name, std::uint32_t member) {
    if (!context_.planner.supports_fast_open(group_, member)) return {};
    return host_.fast_open.attempt(member, context_.engine.now(), settings_of(name));
}

/// @return index of the connection; none when the client's kernel opens none
std::uint32_t ClientSlice::dial(const Opening& opening, Dial how) {
    const SessionName name = opening.name;
    const std::uint32_t step = opening.step, reopened = opening.reopened;
    const World& world = context_.world;
    Session session;
    session.name = name;
    session.step = session.first_step = step;
    session.reopened = reopened;
    session.repeats = opening.repeats;
    session.plain = how == Dial::Plain;
    session.in_books = opening.in_books;
    session.plan = context_.planner.session(name);
    session.flights = tls_flights(world.tls, session.plan.tls_resumed, session.plan.tls_early_data);
    session.opened = context_.engine.now();
    session.decided = opening.decided == never ? session.opened : opening.decided;
    session.row = group_;
    if (moves_) {
        session.place = context_.moving->place_now(group_);
        session.row = context_.row_of(group_, session.place);
    }
    session.phase = Phase::Connecting;
    const std::uint32_t member = session.plan.member;
    session.address = address_of(member, context_.planner.public_ip(name, reopened));
    const std::uint32_t link = link_of(member, session);
    session.link = link;
    if (context_.trace_filter.enabled) trace_session(session, link);
    if (cannot_open(session)) {
        end_unopened(session, "EOPNOTSUPP");
        return none;
    }

    tcp::FastOpenAttempt attempt;
    if (how == Dial::AsSet) attempt = attempt_of(name, member);
    if (session.trace >= 0 && attempt.mode == tcp::FastOpenAttempt::Mode::RequestCookie)
        context_.traces[static_cast<std::size_t>(session.trace)].fast_open_fail = "cookie_unavailable";
    session.attempt = attempt.mode;
    // A Fast Open socket is written when it is opened, a plain one when connect() returns.
    const bool write_at_open = attempt.mode != tcp::FastOpenAttempt::Mode::Off;
    session.wrote_at_open = write_at_open;
    const bool request_first = session.flights.client_first == 0 || session.flights.request_with_first;
    std::uint32_t bytes = session.flights.client_first;
    tcp::Label label{name.group, name.serial, step, 0, 0};
    if (request_first && starts_with_request(session.plan)) {
        label = prepare_request(session);
        bytes += bytes_to_send(session);
    }
    session.first_flight = bytes;
    const tcp::FlowName flow{name.group, name.serial, session.address, reopened};
    const Slot slot = host_.open(edge_.client_link(link).up, settings_of(name), flow, attempt,
                                 write_at_open ? bytes : 0, label, member);
    if (sessions_.size() <= slot.index) sessions_.resize(slot.index + 1);
    session.deadline.reset();
    session.patience.reset();
    sessions_[slot.index] = session;
    if (starts_with_request(session.plan)) watch_patience(slot.index, sessions_[slot.index]);
    ++context_.open_sessions;
    if (world.in_window(session.opened)) {
        ++context_.results.connections[session.row].opened;
        context_.timeline.count(context_.timeline.series().connections, session.opened);
    }
    return slot.index;
}

std::uint32_t ClientSlice::link_of(std::uint32_t member, const Session& session) {
    if (links_[member] == 0)
        links_[member] = 1 + edge_.add_client_link(group_, member, session.name.serial, session.reopened);
    const std::uint32_t link = links_[member] - 1;
    ++edge_.client_link(link).users;
    return link;
}

void ClientSlice::release_link(Session& session) {
    ClientLink& link = edge_.client_link(session.link);
    if (--link.users == 0 && edge_.drop_client_link_if_idle(session.link)) links_[session.plan.member] = 0;
}

void ClientSlice::on_notice(const net::HostNotice& n) {
    const std::uint32_t index = n.slot.index;
    Session& session = sessions_[index];
    switch (n.notice.kind) {
    case tcp::NoticeKind::Connected: on_connected(index, session); break;
    case tcp::NoticeKind::Data: on_data(index, session, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed:
        session.end_of_file = true;
        if (!looks_away(session)) on_end_of_file(index, session);
        break;
    case tcp::NoticeKind::Waiting:
    case tcp::NoticeKind::Unreachable: // no way to a PoP answers so
    case tcp::NoticeKind::Refused: on_error(session, Cause::ConnectionRefused, "ECONNREFUSED"); break;
    case tcp::NoticeKind::Reset: on_error(session, Cause::ConnectionReset, "ECONNRESET"); break;
    case tcp::NoticeKind::TimedOut:
    case tcp::NoticeKind::KeepaliveTimeout:
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: on_error(session, Cause::ConnectionTimeout, "ETIMEDOUT"); break;
    case tcp::NoticeKind::Finished:
        session.finished = true;
        if (!looks_away(session)) session_over(session);
        break;
    case tcp::NoticeKind::BlackholeSuspected: break;
    case tcp::NoticeKind::Gone:
        session.gone = true;
        if (!looks_away(session)) session_over(session);
        break;
    case tcp::NoticeKind::Accepted: FB_ASSERT(false, "a client accepts no connections"); break;
    }
}

void ClientSlice::on_connected(std::uint32_t index, Session& session) {
    const tcp::Connection& connection = host_.connection(index);
    trace_event(session, "connected");
    count_connection(session, connection);
    if (session.flights.client_first != 0) {
        session.phase = Phase::TlsFirst;
        session.tls_left = session.flights.server_first;
    } else {
        session.tls_done = true;
    }
    if (!session.wrote_at_open && session.first_flight != 0) {
        // The label that open_session prepared: of the first request when it is part of the flight.
        const tcp::Label label{session.name.group, session.name.serial, session.step,
                               session.request_open ? session.request_bytes : 0, 0};
        host_.write(index, session.first_flight, label);
    }
    if (session.tls_done && session.phase == Phase::Connecting) {
        session.phase = Phase::Waiting;
        if (!session.request_open) begin_step(index, session); // the script does not start with a request
    }
    if (session.request_open) wait_for_data(index, session);
    if (session.request_open && session.tls_done) half_close_behind_request(index, session);
}

void ClientSlice::on_data(std::uint32_t index, Session& session, std::uint32_t bytes, const tcp::Label& label) {
    while (bytes != 0 && !session.tls_done) {
        const std::uint32_t taken = std::min(bytes, session.tls_left);
        session.tls_left -= taken;
        bytes -= taken;
        if (session.tls_left != 0) {
            wait_for_data(index, session);
            return;
        }
        on_tls_flight(index, session);
    }
    if (bytes != 0) on_response_bytes(index, session, bytes, label);
}

/// A whole flight of the server is here: answer it, with the request as soon as TLS lets it go.
void ClientSlice::on_tls_flight(std::uint32_t index, Session& session) {
    const TlsFlights& flights = session.flights;
    const tcp::Label handshake{session.name.group, session.name.serial, 0, 0, 0};
    if (session.phase == Phase::TlsFirst && flights.server_second != 0) {
        session.phase = Phase::TlsSecond;
        session.tls_left = flights.server_second;
        host_.write(index, flights.client_second, handshake);
        return;
    }
    session.tls_done = true;
    const std::uint32_t finished = session.phase == Phase::TlsFirst ? flights.client_second : 0;
    session.phase = Phase::Waiting;
    if (flights.request_with_first) {
        tcp::Label label = handshake;
        label.length = session.request_bytes; // the request is under way; this goes behind it
        host_.write(index, finished, label);
        half_close_behind_request(index, session);
        wait_for_data(index, session);
        return;
    }
    if (starts_with_request(session.plan)) {
        send_request(index, session, finished);
    } else {
        host_.write(index, finished, handshake);
        begin_step(index, session);
    }
}

tcp::Label ClientSlice::prepare_request(Session& session) {
    const RequestPlan plan = context_.planner.request(session.name, session.step);
    session.request_open = true;
    if (!session.in_books) ++context_.results.books.requests_started;
    if (session.rival != none) sessions_[session.rival].in_books = !session.in_books;
    session.in_books = false;
    session.object = plan.object;
    session.received = 0;
    session.expected = 0;
    session.ttfb = Duration{-1};
    session.request_bytes = plan.request_bytes;
    return {session.name.group, session.name.serial, session.step, plan.request_bytes, 0};
}

void ClientSlice::send_request(std::uint32_t index, Session& session, std::uint32_t bytes_before) {
    const tcp::Label label = prepare_request(session);
    session.phase = Phase::Waiting;
    if (session.step != 0 && session.rival == none && context_.world.in_window(session.decided)) {
        ++context_.results.connections[session.row].reused;
        if (session.step != session.first_step)
            context_.results.connections[session.row].idle_at_reuse.add(context_.engine.now() - session.idle_since);
    }
    host_.write(index, bytes_before + bytes_to_send(session), label);
    watch_patience(index, session);
    half_close_behind_request(index, session);
    wait_for_data(index, session);
}

/// Bytes that make the response complete for the client: what its header says, unless a script waits for another
/// length.
std::uint32_t ClientSlice::expected_of(const Session& session, const tcp::Label& label) const {
    if (session.plan.script == nullptr || status_of(unpack(label.info).cause) != 200) return label.length;
    return static_cast<std::uint32_t>(session.plan.script->steps[session.step].expect.count);
}

void ClientSlice::on_response_bytes(std::uint32_t index, Session& session, std::uint32_t bytes,
                                    const tcp::Label& label) {
    if (!session.request_open || label.request != session.step) return; // more of a response than the client waited for
    if (session.rival != none) close_rival(session);                    // the race is won
    if (session.gave_up) { // the edge had answered before it could learn that nobody waits
        OutcomeKey outcome = unpack(label.info);
        outcome.behind = Cause::ClientTimeout;
        end_request(session, outcome, false);
        close_session(index, session);
        return;
    }
    const bool counted = context_.world.in_window(session.decided);
    if (session.received == 0) {
        session.outcome = label.info;
        session.expected = expected_of(session, label);
        if (counted) count_first_byte(session);
        trace_event(session, "first_byte");
    }
    session.received += bytes;
    if (session.received < session.expected) {
        wait_for_data(index, session);
        return;
    }
    trace_event(session, "last_byte");
    session.patience.clear();
    session.idle_since = context_.engine.now();
    end_request(session, unpack(label.info), true);
    if (session.plan.script == nullptr) {
        next_step(index, session);
        return;
    }
    session.phase = Phase::Answered;
    host_.set_reading(index, false, session.received - session.expected);
    session.deadline.set(context_.engine, entity_, client_object(kind_session, index), context_.engine.now());
}

void ClientSlice::fail_session(Session& session, Cause cause, const char* error) {
    if (session.trace >= 0 && session.phase != Phase::Closing)
        context_.traces[static_cast<std::size_t>(session.trace)].error = error;
    if (session.phase == Phase::Pause) continue_later(session);
    if (session.phase != Phase::Closing && session.phase != Phase::Done) {
        if (concede(session)) {
            // The request goes on at its rival.
        } else if (repeats_after(session, cause)) {
            session.request_open = false;
            --context_.results.books.requests_started; // the same request begins again
            const std::uint32_t before = session.step == session.first_step ? session.repeats : 0;
            if (context_.world.in_window(session.decided)) ++context_.results.connections[session.row].retried;
            open_later({session.name, session.step, session.reopened + 1, before + 1, session.decided},
                       context_.engine.now());
        } else if (session.request_open || waits_to_send(session)) {
            if (!session.request_open) static_cast<void>(prepare_request(session)); // the request it was opened for
            const bool header_seen = session.received != 0;
            end_request(session,
                        header_seen ? cut_short(session)
                                    : OutcomeKey{session.gave_up ? Cause::ClientGone : cause, GeneratedBy::None, -1,
                                                 session.event},
                        false);
        }
        trace_event(session, "closed");
        schedule_after(session);
    }
    session.phase = Phase::Closing;
    session.deadline.clear();
    session.patience.clear();
}

/// The session is still on its way to the request that it was opened for.
bool ClientSlice::waits_to_send(const Session& session) const {
    const bool setting_up =
        session.phase == Phase::Connecting || session.phase == Phase::TlsFirst || session.phase == Phase::TlsSecond;
    return setting_up && !session.request_open && starts_with_request(session.plan);
}

/// The connection is gone while the client thinks: the rest of the session goes on a new one when the pause is over.
/// A script says itself what becomes of its connections.
void ClientSlice::continue_later(const Session& session) {
    if (session.plan.script != nullptr || session.step >= session.plan.requests) return;
    FB_ASSERT(session.deadline.at() != never, "a pause has an end");
    open_later({session.name, session.step, session.reopened + 1}, session.deadline.at());
}

void ClientSlice::open_later(const Opening& opening, Instant at) {
    std::uint32_t place = 0;
    while (place < paused_.size() && paused_[place].used) ++place;
    if (place == paused_.size()) paused_.emplace_back();
    paused_[place] = opening;
    paused_[place].used = true;
    ++context_.sources;
    context_.engine.schedule(make_event(at, engine::EventClass::Other, entity_, client_object(kind_reopen, place)));
}

void ClientSlice::reopen(std::uint32_t place) {
    const Opening opening = paused_[place];
    paused_[place].used = false;
    --context_.sources;
    open_session(opening);
}

/// A browser sends a request again, on a new connection, when the connection that it had used before was reset and the
/// request may be repeated (RFC 9110 section 9.2.2). A script says itself what becomes of its connections.
bool ClientSlice::repeats_after(const Session& session, Cause cause) const {
    if (cause != Cause::ConnectionReset && cause != Cause::Reroute) return false;
    if (session.plan.script != nullptr || !session.request_open || session.received != 0 || session.gave_up)
        return false;
    const bool first = session.step == session.first_step;
    if (first && session.repeats == 0) return false;
    const std::uint32_t before = first ? session.repeats : 0;
    return before < context_.world.groups[group_].retry_on_reset && context_.world.objects[session.object].idempotent;
}

/// Once per session: it no longer keeps the run going.
void ClientSlice::session_over(Session& session) {
    if (session.phase == Phase::Done) return;
    session.phase = Phase::Done;
    --context_.open_sessions;
}

void ClientSlice::release(std::uint32_t index) {
    Session& session = sessions_[index];
    if (looks_away(session)) return; // its script has not come to notice yet
    release_link(session);
    host_.release(index);
}

/// A connection that the client's own kernel does not open.
void ClientSlice::end_unopened(Session& session, const char* error) {
    if (session.trace >= 0) context_.traces[static_cast<std::size_t>(session.trace)].error = error;
    trace_event(session, "closed");
    schedule_after(session);
    release_link(session);
}

} // namespace firstbyte::cdn
