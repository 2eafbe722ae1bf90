SELECT id, amount FROM orders
{% include 'where.sql' %}
ORDER BY id LIMIT 3
