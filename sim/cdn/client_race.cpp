// Two connections for one request, one of them plain, as Storj dials (blueprint "TCP Fast Open"): a network that
// swallows Fast Open costs nothing, one that lets it pass keeps the saving, and each request may run twice.
#include "cdn/client.hpp"

#include <algorithm>

namespace firstbyte::cdn {

/// Both connections are dialled at once, the plain one's SYN first. Where the client's kernel would not use Fast Open
/// there is nothing to race with, and one connection is dialled.
void ClientSlice::race(const Opening& opening) {
    const std::uint32_t member = context_.planner.session(opening.name).member;
    if (attempt_of(opening.name, member).mode == tcp::FastOpenAttempt::Mode::Off) {
        dial(opening, Dial::AsSet);
        return;
    }
    const std::uint32_t plain = dial(opening, Dial::Plain);
    Opening second = opening;
    ++second.reopened;
    second.in_books = sessions_[plain].request_open;
    const std::uint32_t fast = dial(second, Dial::AsSet);
    sessions_[plain].rival = fast;
    sessions_[fast].rival = plain;
}

/// The session's request is its rival's alone from now on.
/// @return false when there is no rival
bool ClientSlice::concede(Session& session) {
    if (session.rival == none) return false;
    Session& rival = sessions_[session.rival];
    rival.rival = session.rival = none;
    rival.reopened = std::max(rival.reopened, session.reopened); // the next connection is none of both
    session.request_open = false;
    return true;
}

/// The session has won: the other connection is closed, whatever it has come to.
void ClientSlice::close_rival(Session& session) {
    const std::uint32_t index = session.rival;
    if (concede(sessions_[index])) close_session(index, sessions_[index]);
}

} // namespace firstbyte::cdn
