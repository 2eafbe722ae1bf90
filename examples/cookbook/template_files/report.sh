# The first {{ params.status }} orders, in {{ run_id }}
{% for id, amount in ti.xcom_pull(task_ids='orders') -%}
echo "{{ id }}: {{ amount }}"
{% endfor %}
