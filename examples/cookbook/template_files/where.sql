WHERE status = '{{ params.status }}'
