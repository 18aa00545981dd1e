from django.urls import path

from bench import views
from natcampus.urls import urlpatterns as site_urls

urlpatterns = [path("bench/floor/", views.floor), *site_urls]
