// Commands of assets.
#include <utility>

#include "server/commands.h"

namespace venturi::server {
namespace {

void asset_done(const OnResult& on_result, const engine::Answer& answer) {
  if (answer.error) return on_result(std::unexpected(*answer.error));
  on_result(Value(Object{{"type", "CommandResult"}}));
}

}  // namespace

void Commands::make_asset_event(const Value& command, const OnResult& on_result) {
  engine::MakeAssetEvents event;
  event.asset = command.at("asset").as_int();
  event.extras.push_back(command.get_value("extra").is_object() ? command.get_value("extra") : Value(Object{}));
  if (const Value* key = command.get("partition_key"); key != nullptr && key->is_string())
    event.partition_key = key->as_string();
  scheduler_.command(std::move(event), [on_result](const engine::Answer& answer) { asset_done(on_result, answer); });
}

void Commands::clear_asset_queue(const Value& command, const OnResult& on_result) {
  engine::ClearAssetQueue event;
  event.dag_id = command.at("dag_id").as_string();
  if (const Value* asset = command.get("asset")) event.asset = asset->as_int();
  scheduler_.command(std::move(event), [on_result](const engine::Answer& answer) { asset_done(on_result, answer); });
}

}  // namespace venturi::server
