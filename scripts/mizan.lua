-- The project of the example pipelines: relative paths and `require` start here.
return {}
