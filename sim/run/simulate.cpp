// Replications on threads; results stand in the order of their numbers, whichever finished first.
#include "firstbyte/simulate.hpp"

#include "cdn/places.hpp"
#include "cdn/replication.hpp"
#include "run/world_data.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>

namespace firstbyte {

namespace {

constexpr std::uint32_t traces_without_choice =
    3; // scenario-format: "all connections of scripted clients, else the first three"
constexpr std::uint32_t traces_unlimited = 0xffff'ffff;

cdn::TraceFilter filter_of(const TraceChoice& choice, const World::Data& data) {
    cdn::TraceFilter filter;
    filter.enabled = choice.enabled;
    filter.connection = choice.connection;
    filter.chosen = choice.chosen;
    bool scripted = false;
    for (std::size_t g = 0; g < data.groups.size(); ++g) {
        scripted = scripted || data.world.groups[g].scripted;
        if (!choice.client || filter.group) continue;
        // Of a group that stands for the world the first part, which has most users.
        if (data.groups[g].client == *choice.client || data.groups[g].world == *choice.client)
            filter.group = static_cast<std::uint32_t>(g);
    }
    filter.all_of_scripts = scripted && !choice.client;
    const bool chosen_scripted = filter.group ? data.world.groups[*filter.group].scripted : scripted;
    filter.most = choice.first_given ? choice.first : chosen_scripted ? traces_unlimited : traces_without_choice;
    return filter;
}

void name_traces(std::vector<TraceConnection>& traces, const World::Data& data) {
    for (TraceConnection& trace : traces) {
        const GroupLabels& labels = data.groups[trace.group];
        trace.client = labels.client;
        trace.pop = data.pops[trace.pop_id.value];
        for (TracePacket& packet : trace.packets)
            if (packet.other_pop >= 0) packet.pop = data.pops[static_cast<std::size_t>(packet.other_pop)];
    }
}

/// The connections that the scenario wants kept, out of what replication 0 did.
cdn::TraceFilter filter_of_wishes(const World::Data& data, const ReplicationResults& first) {
    cdn::TraceFilter filter;
    filter.enabled = true;
    filter.most = traces_unlimited;
    for (const TraceWish& wish : data.traces) {
        const auto its = [&](std::size_t group) {
            return wish.client.empty() || data.groups[group].client == wish.client ||
                   data.groups[group].world == wish.client;
        };
        auto left = static_cast<std::uint32_t>(wish.first);
        if (wish.outcome != 0) {
            const auto noted = first.first_of.find(wish.outcome);
            if (noted == first.first_of.end()) continue;
            for (const Example& example : noted->second)
                if (left != 0 && its(example.group)) {
                    filter.chosen.emplace_back(example.group, example.session);
                    --left;
                }
            continue;
        }
        for (std::uint32_t group = 0; group < data.groups.size() && left != 0; ++group) {
            if (!its(group)) continue;
            for (; left != 0; --left) filter.chosen.emplace_back(group, static_cast<std::uint32_t>(wish.first) - left);
        }
    }
    std::sort(filter.chosen.begin(), filter.chosen.end());
    filter.chosen.erase(std::unique(filter.chosen.begin(), filter.chosen.end()), filter.chosen.end());
    return filter;
}

/// The labels of a group's clients at PoPs that they come to later in the run.
void add_further_rows(std::vector<GroupLabels>& rows, const World::Data& data) {
    for (std::size_t g = 0; g < data.world.groups.size(); ++g) {
        const cdn::Group& group = data.world.groups[g];
        const std::vector<cdn::RouteSpan> places = cdn::places_of(group);
        for (std::size_t place = 1; place < places.size(); ++place) {
            GroupLabels labels = data.groups[g];
            labels.pop = data.pops[places[place].pop.value];
            labels.rtt += places[place].rtt - group.home().rtt;
            labels.population = 0; // they are counted at their first PoP
            labels.moved = true;
            rows.push_back(std::move(labels));
        }
    }
}

} // namespace

Results simulate(const World& world, const SimulateOptions& options) {
    const World::Data& data = world.data();
    const int replications = options.replications.value_or(data.replications);
    const std::uint64_t seed = options.seed.value_or(data.seed);
    Results results;
    results.groups = data.groups;
    add_further_rows(results.groups, data);
    results.objects = data.objects;
    results.origins = data.origins;
    results.pops = data.pops;
    results.bucket = data.world.bucket;
    results.convergence = data.convergence;
    results.moves = data.moves;
    results.replications.resize(static_cast<std::size_t>(replications));
    const cdn::TraceFilter filter = filter_of(options.trace, data);

    std::atomic<int> done{0};
    const auto run_one = [&](int number) {
        const bool traced = number == 0 && filter.enabled;
        cdn::Replication replication(data.world, Draws(seed, static_cast<std::uint32_t>(number)),
                                     traced ? filter : cdn::TraceFilter{});
        cdn::ReplicationOutput output = replication.run();
        for (auto& [outcome, example] : output.results.examples)
            example.replication = static_cast<std::uint32_t>(number);
        results.replications[static_cast<std::size_t>(number)] = std::move(output.results);
        if (traced) results.traces = std::move(output.traces);
        const int finished = ++done;
        if (options.progress) options.progress(finished, replications);
    };
    // Numbers are handed out in order, so that those that have begun when a stop is asked for are the first ones.
    std::atomic<int> begun{0};
    const auto run_next = [&](int) {
        if (options.stop && options.stop()) return;
        run_one(begun++);
    };
    if (options.jobs <= 1 || replications == 1) {
        for (int i = 0; i < replications; ++i) run_next(i);
    } else {
        tbb::task_arena arena(options.jobs);
        arena.execute([&] { tbb::parallel_for(0, replications, run_next); });
    }
    results.replications.resize(static_cast<std::size_t>(begun.load()));
    if (!filter.enabled && !data.traces.empty() && !results.replications.empty()) {
        const cdn::TraceFilter wishes = filter_of_wishes(data, results.replications.front());
        if (!wishes.chosen.empty())
            results.traces = std::move(cdn::Replication(data.world, Draws(seed, 0), wishes).run().traces);
    }
    name_traces(results.traces, data);
    return results;
}

} // namespace firstbyte
