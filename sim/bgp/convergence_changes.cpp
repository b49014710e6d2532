// What happens to announcements, links and speakers.

#include "bgp/convergence_engine.hpp"

#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::bgp {

void ConvergenceEngine::apply(const RoutingChange& change, Time now) {
    using What = RoutingChange::Kind;
    const auto announced = [&]() -> Rib::Announced& {
        FB_ASSERT(change.announcement < announcements_.size(), "a change is about an announcement of the list");
        return rib_.announced(change.announcement);
    };
    const auto process = [&] {
        return announcements_[change.announcement].node.value_or(site_process(change.announcement));
    };
    switch (change.kind) {
    case What::Withdraw: announced().live = false; return announcement_changed(change.announcement, now);
    case What::Announce: announced().live = true; return announcement_changed(change.announcement, now);
    case What::SetPrepend: announced().prepend = change.value; return announcement_changed(change.announcement, now);
    case What::SetGracefulShutdown:
        announced().graceful = change.value != 0;
        return announcement_changed(change.announcement, now);
    case What::LinkDown: return change_link(change, true, now);
    case What::LinkUp: return change_link(change, false, now);
    case What::SiteDies: static_cast<void>(announced()); return die(process(), change.announcement, now);
    case What::SiteReturns: static_cast<void>(announced()); return come_back(process(), change.announcement, now);
    }
}

void ConvergenceEngine::announcement_changed(std::uint32_t announcement, Time now) {
    const std::uint32_t process = announcements_[announcement].node.value_or(site_process(announcement));
    processes_[process].refresh = true;
    need_decision(process, now);
}

/// Every end at which a route of the speaker leaves it.
template <class Use>
void ConvergenceEngine::for_each_end_of(std::uint32_t process, std::uint32_t announcement, Use use) {
    const Sessions& sessions = rib_.sessions();
    const bool site = process >= nodes_;
    const SessionEnd first = site ? sessions.first_of_site(announcement) : sessions.first(process);
    const SessionEnd last = site ? sessions.last_of_site(announcement) : sessions.last(process);
    for (SessionEnd end = first; end < last; ++end) use(end);
    if (site || !rib_.has_sites(process)) return;
    for (const SessionEnd end : sessions.sites_at(process)) use(end);
}

/// The session is over for the owner of this end (of a site's session: for the neighbour); what it had heard is gone.
void ConvergenceEngine::tear_down(SessionEnd end, Time now) {
    if (!rib_.is_up(end)) return;
    rib_.set_down(end, true);
    senders_[end].sent = no_path;
    senders_[end].sent_at = long_ago;
    senders_[end].waiting = 0;
    const NodeIndex node = outgoing(end) ? owner(end) : rib_.sessions().site(end).neighbor;
    if (processes_[node].dead) {
        static_cast<void>(rib_.receive(end, node, no_path));
        return;
    }
    receive(end, node, no_path, now);
}

/// Both speakers tell one another what they have, unless something still keeps them apart.
void ConvergenceEngine::bring_up(SessionEnd end, Time now) {
    if (!link_down_.empty() && link_down_[end] != 0) return;
    const Sessions& sessions = rib_.sessions();
    const std::uint32_t one = owner(end);
    const std::uint32_t other = outgoing(end) ? sessions.neighbor(end) : sessions.site(end).neighbor;
    if (processes_[one].dead || processes_[other].dead) return;
    rib_.set_down(end, false);
    if (outgoing(end)) {
        rib_.set_down(sessions.other_end(end), false);
        processes_[other].refresh = true;
        need_decision(other, now);
    }
    processes_[one].refresh = true;
    need_decision(one, now);
}

void ConvergenceEngine::change_link(const RoutingChange& change, bool down, Time now) {
    const Sessions& sessions = rib_.sessions();
    if (link_down_.empty()) link_down_.assign(sessions.size(), 0);
    bool found = false;
    const auto use = [&](SessionEnd end) {
        found = true;
        link_down_[end] = down ? 1 : 0;
        if (outgoing(end)) link_down_[sessions.other_end(end)] = link_down_[end];
        if (!down) return bring_up(end, now);
        tear_down(end, now);
        if (outgoing(end)) tear_down(sessions.other_end(end), now);
    };
    FB_ASSERT(change.link_to < nodes_, "a link ends at an AS of the graph");
    if (change.link_from || announcements_[change.announcement].node) {
        const NodeIndex from = change.link_from ? *change.link_from : *announcements_[change.announcement].node;
        for (SessionEnd end = sessions.first(from); end < sessions.last(from); ++end)
            if (sessions.neighbor(end) == change.link_to) use(end);
    } else {
        for (SessionEnd end = sessions.first_of_site(change.announcement);
             end < sessions.last_of_site(change.announcement); ++end)
            if (sessions.site(end).neighbor == change.link_to) use(end);
    }
    FB_ASSERT(found, "only a link that there is goes down or comes up");
}

/// Nobody hears anything any more; each neighbour finds out in its own time.
void ConvergenceEngine::die(std::uint32_t process, std::uint32_t announcement, Time now) {
    if (processes_[process].dead) return;
    processes_[process].dead = true;
    if (process < nodes_) {
        if (!choices_.knows(process)) know_start(process);
        rib_.forget(process);
        choices_.record(Instant{Duration{now}}, process, rib_.selection(process), {});
    }
    const Sessions& sessions = rib_.sessions();
    for_each_end_of(process, announcement, [&](SessionEnd end) {
        if (!outgoing(end) && process < nodes_) return; // a site hears nothing, so it misses nothing
        const SessionEnd notices = outgoing(end) ? sessions.other_end(end) : end;
        const Time after = silence_noticed_after(process, end);
        if (!rib_.is_up(notices) || after < 0) return;
        lost_at_[notices] = now + after;
        queue_.push({now + after, SessionLost, notices});
    });
}

/// RFC 4271 section 6.5: a session is over when nothing was heard for the hold time. What was heard last is a
/// keepalive, of an age between nothing and the interval.
/// @returns below 0: never
ConvergenceEngine::Time ConvergenceEngine::silence_noticed_after(std::uint32_t dead, SessionEnd end) const {
    if (settings_.bfd) return settings_.bfd->interval.count() * settings_.bfd->multiplier;
    if (settings_.hold_time == Duration{0}) return -1;
    const Sessions& sessions = rib_.sessions();
    const auto [entity, name_of] = name(dead);
    const NodeIndex neighbor = outgoing(end) ? sessions.neighbor(end) : sessions.site(end).neighbor;
    const std::uint64_t n = (std::uint64_t{graph_.number(neighbor)} << 32 | processes_[dead].batches) ^ name_of;
    const double age =
        draws_.uniform(Stream::BgpKeepalive, entity, n) * static_cast<double>(settings_.keepalive.count());
    return std::max(Time{0}, settings_.hold_time.count() - static_cast<Time>(age));
}

void ConvergenceEngine::lose_session(SessionEnd end, Time now) {
    const Time* const at = lost_at_.find(end);
    if (at == nullptr || *at != now) return; // it came back, and perhaps died again
    lost_at_.erase(end);
    tear_down(end, now);
}

void ConvergenceEngine::come_back(std::uint32_t process, std::uint32_t announcement, Time now) {
    if (!processes_[process].dead) return;
    const Sessions& sessions = rib_.sessions();
    // While it is still dead: its own side has forgotten everything, and a neighbour that had not noticed yet learns
    // from the new OPEN that the old session is over.
    for_each_end_of(process, announcement, [&](SessionEnd end) {
        tear_down(end, now);
        const SessionEnd other = outgoing(end) ? sessions.other_end(end) : end;
        tear_down(other, now);
        lost_at_.erase(other);
    });
    processes_[process].dead = false;
    for_each_end_of(process, announcement, [&](SessionEnd end) { bring_up(end, now); });
    processes_[process].refresh = true;
    need_decision(process, now);
}

} // namespace firstbyte::bgp
