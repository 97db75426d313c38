___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Regulars",
  "brand": {
    "id": "brand_dummy",
    "displayName": "Regulars"
  },
  "description": "Loads the snippet of your own Regulars hub, or tells it an event. It waits for the visitor's consent by itself, so the tag needs no additional consent.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "SELECT",
    "name": "action",
    "displayName": "What this tag does",
    "selectItems": [
      { "value": "load", "displayValue": "Load the snippet (once, on all pages)" },
      { "value": "ecommerce", "displayValue": "Tell the e-commerce event of the data layer (GA4 form)" },
      { "value": "track", "displayValue": "Tell an event of your own" }
    ],
    "simpleValueType": true,
    "defaultValue": "load"
  },
  {
    "type": "TEXT",
    "name": "key",
    "displayName": "Key of this shop",
    "simpleValueType": true,
    "defaultValue": "__HUB_KEY__",
    "valueValidators": [
      { "type": "NON_EMPTY" },
      { "type": "REGEX", "args": ["^[A-Za-z0-9_-]{8,80}$"] }
    ],
    "enablingConditions": [
      { "paramName": "action", "paramValue": "load", "type": "EQUALS" }
    ]
  },
  {
    "type": "SELECT",
    "name": "consent",
    "displayName": "Who asks visitors for their consent",
    "selectItems": [
      { "value": "hub", "displayValue": "As set in the hub" },
      { "value": "gcm", "displayValue": "Google Consent Mode, read from dataLayer" },
      { "value": "container", "displayValue": "Google Consent Mode, as this container sees it (renamed data layers)" },
      { "value": "tcf", "displayValue": "IAB TCF" },
      { "value": "auto", "displayValue": "Whichever consent tool is on the page" }
    ],
    "simpleValueType": true,
    "defaultValue": "gcm",
    "enablingConditions": [
      { "paramName": "action", "paramValue": "load", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "event",
    "displayName": "Name of the event",
    "simpleValueType": true,
    "defaultValue": "{{Event}}",
    "valueValidators": [
      { "type": "NON_EMPTY" }
    ],
    "enablingConditions": [
      { "paramName": "action", "paramValue": "ecommerce", "type": "EQUALS" },
      { "paramName": "action", "paramValue": "track", "type": "EQUALS" }
    ]
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "properties",
    "displayName": "Properties",
    "simpleTableColumns": [
      { "defaultValue": "", "displayName": "Name", "name": "name", "type": "TEXT" },
      { "defaultValue": "", "displayName": "Value", "name": "value", "type": "TEXT" }
    ],
    "newRowButtonText": "Add a property",
    "enablingConditions": [
      { "paramName": "action", "paramValue": "track", "type": "EQUALS" }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const addConsentListener = require('addConsentListener');
const copyFromDataLayer = require('copyFromDataLayer');
const copyFromWindow = require('copyFromWindow');
const createArgumentsQueue = require('createArgumentsQueue');
const encodeUriComponent = require('encodeUriComponent');
const getType = require('getType');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');
const makeString = require('makeString');
const makeTableMap = require('makeTableMap');

const SNIPPET = '__HUB_ORIGIN__/s.js';

// The snippet itself once it is there, before that a queue that it empties.
const tell = function(name, first, second) {
  const loaded = copyFromWindow('regulars');
  const call = loaded ? loaded : createArgumentsQueue('regulars', 'regulars.q');
  call(name, first, second);
};

const SIGNALS = { analytics: 'analytics_storage', personalisation: 'personalization_storage' };

// Says what is granted now; a default that denies is nobody's answer.
const passConsent = function() {
  const said = {
    analytics: isConsentGranted(SIGNALS.analytics),
    personalisation: isConsentGranted(SIGNALS.personalisation)
  };
  // A copy each time: what waits in the queue must not change with a later answer.
  const pass = function() {
    tell('consent', { analytics: said.analytics, personalisation: said.personalisation });
  };
  if (said.analytics || said.personalisation) pass();
  const changed = function(signal, granted) {
    if (signal === SIGNALS.analytics) said.analytics = granted;
    if (signal === SIGNALS.personalisation) said.personalisation = granted;
    pass();
  };
  addConsentListener(SIGNALS.analytics, changed);
  addConsentListener(SIGNALS.personalisation, changed);
};

const load = function() {
  // A stub first, so that calls of other tags have somewhere to wait.
  if (!copyFromWindow('regulars')) createArgumentsQueue('regulars', 'regulars.q');
  let url = SNIPPET + '?key=' + encodeUriComponent(makeString(data.key));
  if (data.consent === 'container') {
    passConsent();
    url = url + '&consent=off';
  } else if (data.consent && data.consent !== 'hub') {
    url = url + '&consent=' + encodeUriComponent(data.consent);
  }
  injectScript(url, data.gtmOnSuccess, data.gtmOnFailure, 'regulars');
};

const ITEM = {
  item_id: 'product_id', item_name: 'name', item_brand: 'brand', item_category: 'category',
  item_variant: 'variant', price: 'price', quantity: 'quantity', coupon: 'coupon',
  discount: 'discount', index: 'position'
};
const ORDER = {
  transaction_id: 'order_id', affiliation: 'affiliation', value: 'total', tax: 'tax',
  shipping: 'shipping', coupon: 'coupon', currency: 'currency', item_list_id: 'list_id',
  item_list_name: 'category', search_term: 'query', order_key: 'order_key'
};

const renamed = function(given, names) {
  const out = {};
  for (const name in names) {
    const value = given[name];
    if (value !== undefined && value !== null) out[names[name]] = value;
  }
  return out;
};

// The names of GA4 become those of the hub. Events about one product carry it at the top.
const ecommerce = function() {
  const given = copyFromDataLayer('ecommerce');
  if (getType(given) !== 'object') return {};
  const out = renamed(given, ORDER);
  const items = getType(given.items) === 'array' ? given.items : [];
  out.products = items.map(function(item) {
    return renamed(getType(item) === 'object' ? item : {}, ITEM);
  });
  const single = ['view_item', 'select_item', 'add_to_cart', 'remove_from_cart'];
  if (out.products.length === 1 && single.indexOf(data.event) >= 0) {
    const first = out.products[0];
    for (const name in first) out[name] = first[name];
  }
  return out;
};

if (data.action === 'track') {
  tell('track', data.event, data.properties ? makeTableMap(data.properties, 'name', 'value') : {});
  data.gtmOnSuccess();
} else if (data.action === 'ecommerce') {
  tell('track', data.event, ecommerce());
  data.gtmOnSuccess();
} else {
  load();
}


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": { "publicId": "inject_script", "versionId": "1" },
      "param": [
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [ { "type": 1, "string": "__HUB_ORIGIN__/s.js*" } ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "access_globals", "versionId": "1" },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "key" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" },
                  { "type": 1, "string": "execute" }
                ],
                "mapValue": [
                  { "type": 1, "string": "regulars" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "key" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" },
                  { "type": 1, "string": "execute" }
                ],
                "mapValue": [
                  { "type": 1, "string": "regulars.q" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "read_data_layer", "versionId": "1" },
      "param": [
        { "key": "allowedKeys", "value": { "type": 1, "string": "specific" } },
        {
          "key": "keyPatterns",
          "value": { "type": 2, "listItem": [ { "type": 1, "string": "ecommerce" } ] }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "access_consent", "versionId": "1" },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "analytics_storage" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "personalization_storage" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: Loads the snippet with its key
  code: |-
    mock('injectScript', function(url, success) {
      assertThat(url).isEqualTo('__HUB_ORIGIN__/s.js?key=wk_123456789&consent=gcm');
      success();
    });
    runCode({ action: 'load', key: 'wk_123456789', consent: 'gcm' });
    assertApi('gtmOnSuccess').wasCalled();
- name: Tells an event with its properties
  code: |-
    let told;
    mock('copyFromWindow', function() {
      return function(name, event, properties) { told = [name, event, properties]; };
    });
    runCode({ action: 'track', event: 'Sample Ordered', properties: [{ name: 'colour', value: 'blue' }] });
    assertThat(told).isEqualTo(['track', 'Sample Ordered', { colour: 'blue' }]);
    assertApi('gtmOnSuccess').wasCalled();


___NOTES___

Written by the Regulars hub at __HUB_ORIGIN__. A hub that moves to another address needs a new template: the address is part of its permissions.
