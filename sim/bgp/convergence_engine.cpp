#include "bgp/convergence_engine.hpp"

#include "core/check.hpp"
#include "core/mix.hpp"
#include "core/sampler.hpp"

#include <algorithm>
#include <cmath>

namespace firstbyte::bgp {
namespace {

Instant instant_of(std::int64_t ns) { return Instant{Duration{ns}}; }

/// Model choice: every session may carry this many UPDATEs, and small graphs a million in all, before routes count as
/// oscillating. Path exploration of the whole Internet stays a hundred times below.
constexpr std::uint64_t updates_per_session = 200, updates_of_small_graphs = 1'000'000;

} // namespace

ConvergenceEngine::ConvergenceEngine(const AsGraph& graph, std::span<const Announcement> announcements,
                                     const ConvergenceSettings& settings, std::span<const BestRoute> start,
                                     bool from_nothing)
    : graph_(graph), announcements_(announcements), settings_(settings), nodes_(graph.node_count()),
      draws_(settings.seed, settings.replication), rib_(graph, announcements, settings, start, from_nothing),
      mrai_(settings.mrai.count()),
      constant_processing_(settings.processing.constant() ? sample_duration(settings.processing, 0.5).count() : -1),
      updates_max_(settings.updates_max != 0 ? settings.updates_max
                                             : updates_of_small_graphs + updates_per_session * rib_.sessions().size()),
      senders_(rib_.sessions().size()), processes_(nodes_ + announcements.size()), choices_(nodes_),
      lost_in_(nodes_, 0) {
    FB_ASSERT(settings.mrai_jitter >= 0 && settings.mrai_jitter <= 1, "the jitter is a share of the interval");
    FB_ASSERT(mrai_ >= 0, "an interval is not negative");
}

std::uint32_t ConvergenceEngine::owner(SessionEnd end) const {
    const Sessions& sessions = rib_.sessions();
    return outgoing(end) ? sessions.neighbor(sessions.other_end(end)) : site_process(sessions.site(end).announcement);
}

/// AS number of a speaker, and what tells those of one number apart.
std::pair<std::uint32_t, std::uint64_t> ConvergenceEngine::name(std::uint32_t process) const {
    if (process < nodes_) return {graph_.number(process), 0};
    return {announcements_[process - nodes_].asn, mix64(process - nodes_ + 1)};
}

BestRoute ConvergenceEngine::best(NodeIndex node) const {
    const Selection& selection = rib_.selection(node);
    if (!selection.reached()) return {};
    return {true, selection.learned_from, selection.length, selection.from, selection.announcement};
}

// --- one after the other ---------------------------------------------------------------------------------------------

std::vector<NodeIndex> ConvergenceEngine::settle() {
    timed_ = false;
    mrai_ = 0;
    for (NodeIndex node = 0; node < nodes_; ++node)
        if (rib_.has_own(node)) need_decision(node, 0);
    for (std::uint32_t index = 0; index < announcements_.size(); ++index)
        if (!announcements_[index].node) tell_all_of_site(index, 0);
    deliver(0);
    // First come, first served. Neighbours that yield to one another at the same time could go on doing so for ever
    // although they need not (DISAGREE); so that only those remain which must, the order is then left to chance.
    std::uint64_t watch_until = 0;
    std::size_t head = 0;
    for (std::uint64_t decisions = 0; head < dirty_.size(); ++decisions) {
        if (updates_ > updates_max_ / 2)
            std::swap(dirty_[head], dirty_[head + mix64(decisions) % (dirty_.size() - head)]);
        const NodeIndex node = dirty_[head++];
        if (2 * head > dirty_.size()) {
            dirty_.erase(dirty_.begin(), dirty_.begin() + static_cast<std::ptrdiff_t>(head));
            head = 0;
        }
        processes_[node].queued = false;
        decide(node, 0);
        deliver(0);
        if (gave_up(watch_until)) return wheel_.find(graph_);
    }
    return {};
}

/// Counts UPDATEs against the limit; behind it watches for a while who changes.
/// @returns whether that was long enough
bool ConvergenceEngine::gave_up(std::uint64_t& watch_until) {
    if (!watching_ && updates_ > updates_max_) {
        watching_ = true;
        watch_until = updates_ + updates_max_ / 10;
    }
    return watching_ && updates_ > watch_until;
}

// --- in time ---------------------------------------------------------------------------------------------------------

std::vector<NodeIndex> ConvergenceEngine::run(std::span<const RoutingChange> changes) {
    figures_.reserve(changes.size());
    changes_ = changes;
    for (std::uint32_t index = 0; index < changes.size(); ++index) {
        FB_ASSERT(changes[index].at >= (index == 0 ? Instant{} : changes[index - 1].at),
                  "changes come in order of time");
        queue_.push({changes[index].at.time_since_epoch().count(), Change, index});
    }
    std::uint64_t watch_until = 0;
    while (!queue_.empty()) {
        instant();
        if (gave_up(watch_until)) break;
    }
    for (std::size_t index = figures_.size(); index > 1; --index)
        if (figures_[index - 2].at == figures_[index - 1].at) figures_[index - 2] = figures_[index - 1];
    choices_.finish();
    return watching_ ? wheel_.find(graph_) : std::vector<NodeIndex>{};
}

/// Everything due next: changes and lost sessions, then decisions, then MRAI clocks, so that what was waiting goes out
/// in its latest state; then the UPDATEs sent arrive, and what they set off is at the earliest in the next round.
void ConvergenceEngine::instant() {
    queue_.take_instant(due_);
    const Time now = due_.front().at;
    decisions_.clear();
    expiries_.clear();
    for (const ConvergenceQueue::Event& event : due_) {
        switch (event.kind & kind_mask) {
        case Change:
            begin_figures(now);
            apply(changes_[event.subject], now);
            break;
        case SessionLost: lose_session(event.subject, now); break;
        case Decide: decisions_.push_back(event); break;
        default: expiries_.push_back(event); break;
        }
    }
    for (const ConvergenceQueue::Event& event : decisions_) {
        processes_[event.subject].queued = false;
        decide(event.subject, now);
    }
    for (const ConvergenceQueue::Event& event : expiries_) expire(event.kind >> kind_bits, event.subject, now);
    deliver(now);
}

/// Input came: what arrives until `decide_at` is decided on together.
void ConvergenceEngine::open_batch(std::uint32_t process, Time now) {
    Process& at = processes_[process];
    if (at.queued || at.decide_at > now) return;
    Time takes = constant_processing_;
    if (takes < 0) {
        const auto [entity, name_of] = name(process);
        takes =
            sample_duration(settings_.processing, draws_.uniform(Stream::BgpProcessing, entity, name_of ^ at.batches))
                .count();
    }
    ++at.batches;
    at.decide_at = now + takes;
}

void ConvergenceEngine::need_decision(std::uint32_t process, Time now) {
    Process& at = processes_[process];
    at.dirty = true;
    if (!timed_) {
        if (!at.queued) dirty_.push_back(process);
        at.queued = true;
        return;
    }
    open_batch(process, now);
    if (at.queued) return;
    at.queued = true;
    queue_.push({at.decide_at, Decide, process});
}

void ConvergenceEngine::decide(std::uint32_t process, Time now) {
    Process& at = processes_[process];
    if (at.dead) return;
    if (process >= nodes_) {
        at.dirty = at.refresh = false;
        return tell_all_of_site(process - nodes_, now);
    }
    bool tell = std::exchange(at.refresh, false);
    if (std::exchange(at.dirty, false)) {
        const bool was_known = choices_.knows(process);
        const Selection before = rib_.selection(process);
        const bool changed = rib_.decide(process, tied_);
        tell = tell || changed;
        const Selection& selection = rib_.selection(process);
        if (changed && watching_) wheel_.note(process, selection.reached() ? selection.from : process);
        if (timed_) {
            // Which offers were tied at the start need not be known when the route is plainly another one; unless it
            // could be replaced within this instant.
            if (!was_known && (constant_processing_ <= 0 || before.same_choice(selection))) know_start(process);
            choices_.record(instant_of(now), process, selection, tied_);
            if (changed && !figures_.empty()) {
                figures_.back().last_choice = instant_of(now);
                moves_.push_back({instant_of(now), process, before.reached(), selection.reached()});
            }
            note_reached(process, before.reached(), selection.reached());
        }
    }
    if (tell) tell_all(process, now);
}

void ConvergenceEngine::know_start(NodeIndex node) {
    const Selection start = rib_.decide_at_start(node, tied_at_start_);
    choices_.begin(node, start, tied_at_start_);
}

void ConvergenceEngine::tell_all(NodeIndex node, Time now) {
    const Rib::Export& exported = rib_.exports(node);
    const SessionEnd last = rib_.sessions().last(node);
    for (SessionEnd end = rib_.first_to_tell(node); end < last; ++end)
        if (rib_.is_up(end)) tell(node, end, rib_.export_to(node, end, exported), now);
}

void ConvergenceEngine::tell_all_of_site(std::uint32_t announcement, Time now) {
    const Sessions& sessions = rib_.sessions();
    for (SessionEnd end = sessions.first_of_site(announcement); end < sessions.last_of_site(announcement); ++end)
        if (rib_.is_up(end)) tell(site_process(announcement), end, rib_.export_of_site(end), now);
}

ConvergenceEngine::Time ConvergenceEngine::interval(std::uint32_t process, SessionEnd end) const {
    if (mrai_ == 0 || settings_.mrai_jitter == 0) return mrai_;
    const auto [entity, name_of] = name(process);
    const Sessions& sessions = rib_.sessions();
    const NodeIndex neighbor = outgoing(end) ? sessions.neighbor(end) : sessions.site(end).neighbor;
    const std::uint64_t n = (std::uint64_t{graph_.number(neighbor)} << 32 | senders_[end].intervals) ^ name_of;
    const double share = 1 - settings_.mrai_jitter * draws_.uniform(Stream::BgpMrai, entity, n);
    return std::llround(share * static_cast<double>(mrai_));
}

/// Brings what the neighbour was told in line with `path`, now or when the clock allows.
void ConvergenceEngine::tell(std::uint32_t process, SessionEnd end, PathId path, Time now) {
    Sender& sender = senders_[end];
    if (sender.sent == as_at_start) sender.sent = rib_.exported_at_start(process, end);
    if (sender.sent == path) return;
    const bool withdrawal = path == no_path;
    if (!withdrawal || settings_.mrai_applies_to_withdraw ||
        (settings_.withdraw_waits_behind_announcement && sender.waiting != 0)) {
        if (sender.waiting != 0) return; // the expiry sends the state of then
        if (mrai_ != 0 && sender.sent_at != long_ago && sender.sent_at + mrai_ > now) {
            const Time over = sender.sent_at + interval(process, end);
            if (over > now) {
                sender.waiting = 1;
                queue_.push({over, Expiry | process << kind_bits, end});
                return;
            }
        }
    }
    sender.sent = path;
    if (!withdrawal || settings_.withdraw_starts_mrai || settings_.mrai_applies_to_withdraw) {
        sender.sent_at = now;
        ++sender.intervals;
    }
    const Sessions& sessions = rib_.sessions();
    if (outgoing(end)) {
        sent_.push_back({sessions.other_end(end), sessions.neighbor(end), path});
    } else {
        sent_.push_back({end, sessions.site(end).neighbor, path});
    }
}

void ConvergenceEngine::expire(std::uint32_t process, SessionEnd end, Time now) {
    if (senders_[end].waiting == 0) return; // the session was lost meanwhile
    senders_[end].waiting = 0;
    if (processes_[process].dead || !rib_.is_up(end)) return;
    if (process < nodes_) {
        tell(process, end, rib_.export_to(process, end, rib_.exports(process)), now);
    } else {
        tell(process, end, rib_.export_of_site(end), now);
    }
}

void ConvergenceEngine::deliver(Time now) {
    constexpr std::size_t ahead = 8; // far enough for a line of memory to arrive, near enough to be there still
    for (std::size_t index = 0; index < sent_.size(); ++index) {
        if (index + ahead < sent_.size()) {
            rib_.prefetch(sent_[index + ahead].end, sent_[index + ahead].to);
            __builtin_prefetch(&processes_[sent_[index + ahead].to]);
        }
        const Sent& sent = sent_[index];
        if (processes_[sent.to].dead) continue;
        ++updates_;
        if (timed_) count(sent, now);
        receive(sent.end, sent.to, sent.path, now);
    }
    sent_.clear();
}

void ConvergenceEngine::receive(SessionEnd end, NodeIndex owner, PathId path, Time now) {
    if (rib_.receive(end, owner, path)) {
        need_decision(owner, now);
    } else if (timed_) {
        open_batch(owner, now);
    }
}

// --- figures ---------------------------------------------------------------------------------------------------------

void ConvergenceEngine::begin_figures(Time now) {
    figures_.push_back({});
    figures_.back().at = instant_of(now);
}

void ConvergenceEngine::count(const Sent& sent, Time now) {
    const Sessions& sessions = rib_.sessions();
    FB_ASSERT(!figures_.empty(), "without a change nobody sends");
    RouteTimeline::Figures& figures = figures_.back();
    figures.last_update = instant_of(now);
    if (figures.first_update == never) figures.first_update = figures.last_update;
    ++(sent.path == no_path ? figures.withdrawals : figures.announcements);
    if (!settings_.record_updates) return;
    const auto first = static_cast<std::uint32_t>(recorded_numbers_.size());
    if (sent.path != no_path) rib_.paths().write(sent.path, recorded_numbers_);
    recorded_.push_back({figures.last_update, outgoing(sent.end) ? sessions.neighbor(sent.end) : sent.to, sent.to,
                         first, static_cast<std::uint32_t>(recorded_numbers_.size()) - first});
}

void ConvergenceEngine::note_reached(NodeIndex node, bool was, bool is) {
    if (was == is || figures_.empty()) return;
    const auto change = static_cast<std::uint32_t>(figures_.size());
    RouteTimeline::Figures& figures = figures_.back();
    if (is) {
        if (lost_in_[node] == change) --figures.left_without;
        return;
    }
    if (lost_in_[node] != change) ++figures.lost_route;
    ++figures.left_without;
    lost_in_[node] = change;
}

// --- oscillation -----------------------------------------------------------------------------------------------------

std::vector<NodeIndex> WheelFinder::find(const AsGraph& graph) {
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    const auto of = [&](NodeIndex node) {
        const auto first =
            std::partition_point(edges_.begin(), edges_.end(), [&](const auto& edge) { return edge.first < node; });
        auto last = first;
        while (last != edges_.end() && last->first == node) ++last;
        return std::pair(first, last);
    };
    std::vector<NodeIndex> changing;
    for (const auto& [node, from] : edges_)
        if (changing.empty() || changing.back() != node) changing.push_back(node);
    std::sort(changing.begin(), changing.end(),
              [&](NodeIndex a, NodeIndex b) { return graph.number(a) < graph.number(b); });

    // Depth first; an edge back onto the path being walked closes the wheel.
    std::vector<NodeIndex> finished;
    for (const NodeIndex begin : changing) {
        std::vector<NodeIndex> path{begin};
        std::vector<std::pair<decltype(edges_.begin()), decltype(edges_.begin())>> left{of(begin)};
        while (!path.empty()) {
            auto& [next, last] = left.back();
            if (next == last) {
                finished.push_back(path.back());
                path.pop_back();
                left.pop_back();
                continue;
            }
            const NodeIndex to = next++->second;
            if (to == path.back() || std::find(finished.begin(), finished.end(), to) != finished.end()) continue;
            const auto seen = std::find(path.begin(), path.end(), to);
            if (seen != path.end()) {
                std::vector<NodeIndex> wheel(seen, path.end());
                std::rotate(
                    wheel.begin(),
                    std::min_element(wheel.begin(), wheel.end(),
                                     [&](NodeIndex a, NodeIndex b) { return graph.number(a) < graph.number(b); }),
                    wheel.end());
                return wheel;
            }
            path.push_back(to);
            left.push_back(of(to));
        }
    }
    return {};
}

} // namespace firstbyte::bgp
