# -*- coding: utf-8 -*-

import json
import os
import re

import requests


TOKEN = os.environ['AUTH_TOKEN']  # application token
API = os.environ['API']  # was https://api.dashly.io

QUESTIONS = [{'question': 'Hello, how are you', 'answer': 'Hey, great!'}]  # phrases and answers


def run(request):

    conversation = json.loads(request['conversation'])
    conversation_body = conversation['body'].upper()
    conversation_id = str(conversation['conversation'])

    for element in QUESTIONS:
        exp = re.compile(r'(#\s|)(' + element['question'].upper() + ')')
        if exp.search(conversation_body):
            param = {"body": element['answer']}
            response = requests.post(API + '/v1/conversations/%s/reply?auth_token=%s' % (conversation_id, TOKEN), data=param)
