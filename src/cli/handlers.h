// What carries out each row of the command table.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

namespace venturi::cli {

// serve.cpp
[[nodiscard]] Result<int> standalone(const Arguments& arguments);
[[nodiscard]] Result<int> server(const Arguments& arguments);
[[nodiscard]] Result<int> worker(const Arguments& arguments);

// about.cpp
[[nodiscard]] Result<int> version(const Arguments& arguments);
[[nodiscard]] Result<int> info(const Arguments& arguments);
[[nodiscard]] Result<int> jobs_check(const Arguments& arguments);
[[nodiscard]] Result<int> cheat_sheet(const Arguments& arguments);
[[nodiscard]] Result<int> completion(const Arguments& arguments);

// database.cpp
[[nodiscard]] Result<int> db_check_migrations(const Arguments& arguments);
[[nodiscard]] Result<int> db_reset(const Arguments& arguments);
[[nodiscard]] Result<int> db_shell(const Arguments& arguments);
[[nodiscard]] Result<int> rotate_fernet_key(const Arguments& arguments);

// users.cpp
[[nodiscard]] Result<int> users_list(const Arguments& arguments);
[[nodiscard]] Result<void> check_users_create(const Arguments& arguments);
[[nodiscard]] Result<int> users_create(const Arguments& arguments);
[[nodiscard]] Result<void> check_users_delete(const Arguments& arguments);
[[nodiscard]] Result<int> users_delete(const Arguments& arguments);
[[nodiscard]] Result<void> check_users_reset_password(const Arguments& arguments);
[[nodiscard]] Result<int> users_reset_password(const Arguments& arguments);

// providers.cpp
[[nodiscard]] Result<int> providers_list(const Arguments& arguments);
[[nodiscard]] Result<int> providers_get(const Arguments& arguments);
[[nodiscard]] Result<int> providers_hooks(const Arguments& arguments);
[[nodiscard]] Result<int> providers_widgets(const Arguments& arguments);
[[nodiscard]] Result<int> providers_notifications(const Arguments& arguments);
// providers_new.cpp
[[nodiscard]] Result<int> providers_new(const Arguments& arguments);
// plugins.cpp
[[nodiscard]] Result<int> plugins_list(const Arguments& arguments);
[[nodiscard]] Result<int> plugins_install(const Arguments& arguments);

// dag_details.cpp, dag_graph.cpp
[[nodiscard]] Result<int> dags_details(const Arguments& arguments);
[[nodiscard]] Result<int> dags_report(const Arguments& arguments);
[[nodiscard]] Result<int> dags_show(const Arguments& arguments);
[[nodiscard]] Result<int> dags_show_dependencies(const Arguments& arguments);

// dags.cpp, dags_change.cpp
[[nodiscard]] Result<void> check_dags_list(const Arguments& arguments);
[[nodiscard]] Result<int> dags_list(const Arguments& arguments);
[[nodiscard]] Result<int> dags_state(const Arguments& arguments);
[[nodiscard]] Result<int> dags_list_runs(const Arguments& arguments);
[[nodiscard]] Result<int> dags_list_import_errors(const Arguments& arguments);
[[nodiscard]] Result<int> dags_trigger(const Arguments& arguments);
[[nodiscard]] Result<int> dags_delete(const Arguments& arguments);
[[nodiscard]] Result<int> dags_reserialize(const Arguments& arguments);
[[nodiscard]] Result<int> dags_delete_run(const Arguments& arguments);
[[nodiscard]] Result<int> dags_pause(const Arguments& arguments);
[[nodiscard]] Result<int> dags_unpause(const Arguments& arguments);

// schedule_preview.cpp
[[nodiscard]] Result<int> dags_next_execution(const Arguments& arguments);
[[nodiscard]] Result<int> dags_list_upcoming(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_failed_deps(const Arguments& arguments);

// tasks_why.cpp
[[nodiscard]] Result<int> tasks_why(const Arguments& arguments);

// tasks_render.cpp
[[nodiscard]] Result<int> tasks_render(const Arguments& arguments);

// simulate.cpp
[[nodiscard]] Result<void> check_dags_simulate(const Arguments& arguments);
[[nodiscard]] Result<int> dags_simulate(const Arguments& arguments);

// validate.cpp
[[nodiscard]] Result<int> dags_validate(const Arguments& arguments);
[[nodiscard]] Result<int> dags_schema(const Arguments& arguments);

// tasks.cpp, task_logs.cpp
[[nodiscard]] Result<int> tasks_list(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_state(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_states_for_dag_run(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_clear(const Arguments& arguments);
[[nodiscard]] Result<void> check_dags_clear(const Arguments& arguments);
[[nodiscard]] Result<int> dags_clear(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_set_state(const Arguments& arguments);
[[nodiscard]] Result<int> dags_set_state(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_logs(const Arguments& arguments);

// test_commands.cpp
[[nodiscard]] Result<int> dags_test(const Arguments& arguments);
[[nodiscard]] Result<int> tasks_test(const Arguments& arguments);

// connections.cpp
[[nodiscard]] Result<int> connections_list(const Arguments& arguments);
[[nodiscard]] Result<int> connections_get(const Arguments& arguments);
[[nodiscard]] Result<void> check_connections_add(const Arguments& arguments);
[[nodiscard]] Result<int> connections_add(const Arguments& arguments);
[[nodiscard]] Result<int> connections_test(const Arguments& arguments);
[[nodiscard]] Result<int> connections_delete(const Arguments& arguments);
[[nodiscard]] Result<int> connections_import(const Arguments& arguments);
[[nodiscard]] Result<void> check_connections_export(const Arguments& arguments);
[[nodiscard]] Result<int> connections_export(const Arguments& arguments);

// backfill.cpp
[[nodiscard]] Result<void> check_backfill_create(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_create(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_list(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_get(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_pause(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_unpause(const Arguments& arguments);
[[nodiscard]] Result<int> backfill_cancel(const Arguments& arguments);

// assets.cpp
[[nodiscard]] Result<void> check_asset_named(const Arguments& arguments);
[[nodiscard]] Result<void> check_asset_or_alias_named(const Arguments& arguments);
[[nodiscard]] Result<int> assets_list(const Arguments& arguments);
[[nodiscard]] Result<int> assets_details(const Arguments& arguments);
[[nodiscard]] Result<int> assets_materialize(const Arguments& arguments);

// pools.cpp
[[nodiscard]] Result<int> pools_list(const Arguments& arguments);
[[nodiscard]] Result<int> pools_get(const Arguments& arguments);
[[nodiscard]] Result<int> pools_set(const Arguments& arguments);
[[nodiscard]] Result<int> pools_delete(const Arguments& arguments);
[[nodiscard]] Result<int> pools_import(const Arguments& arguments);
[[nodiscard]] Result<int> pools_export(const Arguments& arguments);

// variables.cpp
[[nodiscard]] Result<int> variables_list(const Arguments& arguments);
[[nodiscard]] Result<int> variables_get(const Arguments& arguments);
[[nodiscard]] Result<int> variables_set(const Arguments& arguments);
[[nodiscard]] Result<int> variables_delete(const Arguments& arguments);
[[nodiscard]] Result<int> variables_import(const Arguments& arguments);
[[nodiscard]] Result<int> variables_export(const Arguments& arguments);

// backup.cpp
[[nodiscard]] Result<int> db_backup(const Arguments& arguments);
[[nodiscard]] Result<int> db_restore(const Arguments& arguments);

// doctor.cpp
[[nodiscard]] Result<int> doctor(const Arguments& arguments);

// db_clean.cpp
[[nodiscard]] Result<int> db_clean(const Arguments& arguments);
[[nodiscard]] Result<int> db_export_archived(const Arguments& arguments);
[[nodiscard]] Result<int> db_drop_archived(const Arguments& arguments);

// settings.cpp
[[nodiscard]] Result<int> db_migrate(const Arguments& arguments);
[[nodiscard]] Result<int> db_check(const Arguments& arguments);

// configuration.cpp
[[nodiscard]] Result<int> config_list(const Arguments& arguments);
[[nodiscard]] Result<int> config_get_value(const Arguments& arguments);
[[nodiscard]] Result<int> config_lint(const Arguments& arguments);
[[nodiscard]] Result<int> config_import(const Arguments& arguments);

}  // namespace venturi::cli
