@waas @api @needs:waas
Feature: APIs out of documents
  The Console makes the API of an app of an OpenAPI or Swagger document, in YAML or JSON: endpoints, and paths with their methods and
  parameters. What violations lead to is said in the rule.

  Background:
    Given the task definition "web-and-worker"

  Rule: An OpenAPI 3 document becomes endpoints, paths and parameters

    @waas-500 @W62 @extended
    Scenario: A document in YAML
      When this document is imported as an API:
        """
        openapi: 3.0.3
        info: {title: Pets, version: '1'}
        servers:
          - url: https://shop.example.site/api/v3
          - url: http://shop.example.site/api/v3/
        paths:
          /pet/{petId}:
            parameters:
              - {name: petId, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}
            get:
              parameters:
                - {name: ages, in: query, explode: false, schema: {type: array, items: {type: number, maximum: 9}}}
            delete:
              parameters:
                - {name: X-Key, in: header, required: true, schema: {type: string}}
          /pet:
            post:
              requestBody:
                required: true
                content:
                  application/json:
                    schema: {type: object, required: [name], properties: {name: {type: string}, alive: {type: boolean}}}
        components:
          schemas:
            Id: {type: integer, minimum: 1}
        """
      Then the Console answers 200
      And the answer has:
        """
        {"endpoints": [
           {"host": "shop.example.site", "basePath": "/api/v3/*", "tls": true},
           {"host": "shop.example.site", "basePath": "/api/v3/*", "tls": false}],
         "paths": [
           {"path": "/pet/{petId}", "methods": [
             {"method": "GET", "parameters": [
               {"name": "petId", "location": "path", "type": "integer", "required": true, "min": 1},
               {"name": "ages", "location": "query", "type": "number", "array": true, "style": "form", "explode": false,
                "required": false, "max": 9}]},
             {"method": "DELETE", "parameters": [
               {"name": "petId", "location": "path", "type": "integer", "required": true, "min": 1},
               {"name": "X-Key", "location": "header", "type": "string", "required": true}]}]},
           {"path": "/pet", "methods": [
             {"method": "POST", "parameters": [
               {"name": "name", "location": "json", "type": "string", "required": true},
               {"name": "alive", "location": "json", "type": "boolean", "required": false}]}]}]}
        """

    @waas-501 @W62 @extended
    Scenario Outline: A document that is none, <what>
      When this document is imported as an API:
        """
        <document>
        """
      Then the Console answers 400 with an error

      Examples:
        | what                    | document                                                                    |
        | neither JSON nor YAML   | {"openapi": "3.0.0", "paths"                                                |
        | of no version           | {"info": {"title": "Pets"}, "paths": {}}                                    |
        | that refers to no place | {"openapi": "3.0.0", "paths": {"/pet": {"$ref": "#/components/paths/pet"}}} |

  Rule: A Swagger 2 document becomes an endpoint for each scheme

    @waas-502 @W63 @extended
    Scenario: A document in JSON
      When this document is imported as an API:
        """
        {"swagger": "2.0", "info": {"title": "Pets", "version": "1"},
         "host": "shop.example.site", "basePath": "/v2", "schemes": ["http", "https"],
         "paths": {"/pet/{petId}": {"get": {"parameters": [
           {"name": "petId", "in": "path", "required": true, "type": "integer", "minimum": 1, "maximum": 9},
           {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"},
           {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"}]}}}}
        """
      Then the Console answers 200
      And the answer has:
        """
        {"endpoints": [
           {"host": "shop.example.site", "basePath": "/v2/*", "tls": false},
           {"host": "shop.example.site", "basePath": "/v2/*", "tls": true}],
         "paths": [{"path": "/pet/{petId}", "methods": [{"method": "GET", "parameters": [
           {"name": "petId", "location": "path", "type": "integer", "required": true, "min": 1, "max": 9},
           {"name": "tags", "location": "query", "type": "string", "array": true, "style": "pipeDelimited", "explode": false},
           {"name": "ids", "location": "query", "type": "integer", "array": true, "style": "form", "explode": true}]}]}]}
        """
