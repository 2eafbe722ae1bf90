// `dags simulate`: the same engine on a virtual clock (pages/simulation.h). It reads the home, and writes nothing.
#include <chrono>

#include "cli/handlers.h"
#include "cli/simulate_parts.h"

namespace venturi::cli {
namespace {

Result<pages::SimulatedSpan> read_span(const Arguments& arguments, const Config& config) {
  pages::SimulatedSpan span{SystemClock().now(), {}, !arguments.has("from")};
  if (!span.is_now) {
    const auto from = read_date(arguments.text("from"), config);
    if (!from) return std::unexpected(from.error());
    span.from = *from;
  }
  span.to = span.from + std::chrono::hours(24);
  if (arguments.has("to")) {
    const auto to = read_date(arguments.text("to"), config);
    if (!to) return std::unexpected(to.error());
    span.to = *to;
  }
  if (span.to <= span.from) {
    return fail(ErrorKind::invalid,
                "the time ends before it begins: from " + format_time(span.from) + " to " + format_time(span.to),
                "venturi dags simulate", "give --to a later date");
  }
  return span;
}

}  // namespace

Result<void> check_dags_simulate(const Arguments& arguments) {
  auto options = read_simulate_options(arguments);
  if (!options) return std::unexpected(std::move(options.error()));
  return {};
}

Result<int> dags_simulate(const Arguments& arguments) {
  auto options = read_simulate_options(arguments);
  if (!options) return std::unexpected(options.error());
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto span = read_span(arguments, metadata->config);
  if (!span) return std::unexpected(span.error());
  pages::SimulationOrder order{
      .options = std::move(*options), .span = *span, .seed = static_cast<std::uint64_t>(arguments.integer("seed"))};
  if (arguments.has("parallelism")) order.parallelism = static_cast<int>(arguments.integer("parallelism"));
  order.unpause_all = arguments.has("unpause-all");
  const auto simulation = pages::simulate(order, metadata->config, *metadata->opened.store, metadata->reader());
  if (!simulation) return std::unexpected(simulation.error());
  const std::string form = arguments.text("output");
  if (form == "json")
    print(to_json(simulation_json(*simulation)) + "\n");
  else
    print(form == "html" ? pages::simulation_page(*simulation) : simulation_table(*simulation));
  return exit_done;
}

}  // namespace venturi::cli
